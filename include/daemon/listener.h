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

#include <sys/types.h>

#include "base/err.h"

#define LISTENER_BACKLOG    1024
#define LISTENER_OTHERS_MAX 7

struct listener {
	int fd;           /* non-blocking, closed on exec */
	const char *path; /* NULL when inherited */
	int file;         /* holds on to the file made, to remove no other; -1: none */
	int others[LISTENER_OTHERS_MAX]; /* inherited beside fd, and like it */
	int other_count;
};

/* Takes the inherited socket, or makes one at path (kept) with this mode.  A socket on which no server
 * answers is replaced.  Errors are logged: ERR_CONFLICT: another server answers there, or it is not a
 * socket.  ERR_INVALID: path too long, or what was inherited are not one to eight listening sockets.  ERR_UNAVAILABLE: the rest. */
MUST_CHECK enum err listener_init(struct listener *l, const char *path, mode_t mode);
/* The second half of it: inherits none. */
MUST_CHECK enum err listener_make(struct listener *l, const char *path, mode_t mode);
/* Closes it and removes the file it made. */
void listener_finish(struct listener *l);

#endif
