/*
 * A listening socket that accepts: hands out connected, prepared descriptors.
 *
 * Addresses: "127.0.0.1:9001", "[::1]:9001", "unix:/run/x.sock" or "/run/x.sock".  When descriptors
 * run out it stops accepting for a second instead of spinning; the backlog waits in the kernel.
 */
#ifndef DIALTONE_RELAY_NET_ACCEPTOR_H
#define DIALTONE_RELAY_NET_ACCEPTOR_H

#include "base/err.h"
#include "relay/net/loop.h"

struct acceptor;

/* fd is given. */
typedef void acceptor_fn(void *arg, int fd);

/* loop and arg are kept. The mode of a unix socket is 0660; errors are those of listening_open(). */
MUST_CHECK enum err acceptor_new(
	struct loop *loop, const char *address, acceptor_fn *fn, void *arg, struct acceptor **ret);
/* Closes, and removes its unix socket. Sets *l to NULL. */
void acceptor_free(struct acceptor **l);
/* TCP port it is bound to, for an address ending in ":0"; 0 for a unix socket. */
int acceptor_port(const struct acceptor *l);

#endif
