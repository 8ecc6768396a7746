/*
 * The clients of one relay process: joins net, ws, eio and sio, and gives each client its limits,
 * its deadlines and an orderly end.
 *
 * Two objects: a connection (a socket: HTTP first, then WebSocket) and a link (an Engine.IO session
 * with its Socket.IO side), so that a link can outlive or change its connection.  The application
 * sees `struct sio` only.
 *
 * Nothing is freed while its own code may be on the stack: what has ended is buried at the end of the
 * loop's turn, and only then the application's on_gone is called.
 */
#ifndef DIALTONE_RELAY_LINK_LINK_HOST_H
#define DIALTONE_RELAY_LINK_LINK_HOST_H

#include "relay/eio/handshake.h"
#include "relay/net/loop.h"
#include "relay/sio/sio.h"

struct link_settings {
	struct eio_settings eio;
	unsigned transports;      /* set of enum eio_transport */
	unsigned versions;        /* bits 1 << enum eio_version */
	const char *const *paths; /* without a final slash; NULL at the end */
	const char *id;           /* two characters, the beginning of every sid */
	const char *allowed_origins;
	size_t max_connections;
	uint32_t head_ms;   /* the request's head must be here */
	uint32_t login_ms;  /* the application must have accepted the client; 0: it need not */
	uint32_t stall_ms;  /* output may wait this long */
	uint32_t linger_ms; /* for the peer's part of an end */
};

struct link_host;

/* loop, settings, app and arg are kept. */
struct link_host *link_host_new(struct loop *loop, const struct link_settings *settings,
	const struct sio_app *app, void *arg);
/* Drops all clients and sets *h to NULL. */
void link_host_free(struct link_host **h);
/* A listener_fn: host is the struct link_host, fd is given. */
void link_host_accept(void *host, int fd);
/* Connections, those on their way out included. */
size_t link_host_count(const struct link_host *h);
/* Ends every transport with this close code and without a Socket.IO goodbye, so that the clients
 * come back by themselves; accepts no new ones. */
void link_host_close_all(struct link_host *h, uint16_t code);

#endif
