/*
 * The listening socket that all workers of a program share.
 *
 * It is either inherited, from systemd (LISTEN_FDS, sd_listen_fds(3)) or from a FastCGI spawner
 * (descriptor 0 is a listening socket: FastCGI 1.0, section 2.2), or a unix socket made here.
 * systemd may pass some more beside it: one for this machine, one for other hosts.  What is inherited
 * stays open when the program ends, and what comes meanwhile waits in it for the next one.
 * A program that may connect speaks with the authority of nginx: mind the mode and the directory.
 * It does not accept anything itself.
 */
#ifndef DIALTONE_DAEMON_LISTENER_H
#define DIALTONE_DAEMON_LISTENER_H

#include "base/listening.h"

#define LISTENER_OTHERS_MAX 7

struct listener {
	struct listening at; /* inherited, it has no path */
	int others
		[LISTENER_OTHERS_MAX]; /* inherited beside it, non-blocking and closed on exec as well */
	int other_count;
};

/* Takes the inherited socket, or makes one at this absolute path (listening_open()).  Errors are logged, and leave it
 * closed.  ERR_INVALID: as well when what was inherited are not one to eight listening sockets. */
MUST_CHECK enum err listener_init(struct listener *l, const char *path, mode_t mode);
/* Closes it and removes the file it made. */
void listener_finish(struct listener *l);

#endif
