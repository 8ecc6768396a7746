/*
 * A listening socket from an address as settings have it: "127.0.0.1:9001", "[::1]:9001", "unix:/run/x.sock" or
 * "/run/x.sock".
 */
#ifndef DIALTONE_BASE_LISTENING_H
#define DIALTONE_BASE_LISTENING_H

#include "base/err.h"

struct listening {
	int fd;         /* non-blocking, closed on exec; -1: none */
	char path[108]; /* of the unix socket; "" for TCP */
};

/* A unix socket left behind by a dead process is replaced; its mode becomes 0660. ERR_INVALID: not an address;
 * ERR_UNAVAILABLE: in use or not allowed. Both are logged. */
MUST_CHECK enum err listening_open(const char *address, struct listening *ret);
/* Closes, and removes its unix socket. Harmless when there is none. */
void listening_close(struct listening *l);

#endif
