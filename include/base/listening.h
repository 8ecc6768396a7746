/*
 * A listening socket from an address as settings have it: "127.0.0.1:9001", "[::1]:9001", "unix:/run/x.sock" or
 * "/run/x.sock".
 */
#ifndef DIALTONE_BASE_LISTENING_H
#define DIALTONE_BASE_LISTENING_H

#include <sys/types.h>

#include "base/err.h"

struct listening {
	int fd;         /* non-blocking, closed on exec; -1: none */
	int file;       /* holds on to the file of the unix socket, to remove no other; -1: none */
	char path[108]; /* of the unix socket; "" for TCP */
};

#define LISTENING_NONE ((struct listening){ .fd = -1, .file = -1 })

/* The mode is that of a unix socket, which never has more permissions.  One on which no server answers is replaced.
 * ERR_INVALID: not an address; ERR_CONFLICT: another server answers there, or the file is no socket; ERR_UNAVAILABLE: the
 * rest.  All are logged, and *ret is LISTENING_NONE. */
MUST_CHECK enum err listening_open(const char *address, mode_t mode, struct listening *ret);
/* Closes, and removes its unix socket. Harmless when there is none. */
void listening_close(struct listening *l);

#endif
