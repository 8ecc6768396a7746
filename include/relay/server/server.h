/*
 * The clients of one relay process: joins net, ws, eio and sio, and gives each client its limits,
 * its deadlines and an orderly end.
 *
 * Two objects: a connection (a socket: HTTP first, then perhaps WebSocket) and a peer (an Engine.IO
 * session with its Socket.IO side).  A peer on WebSocket has one connection; a peer on long-polling
 * borrows one for each poll and each push, and may move to a WebSocket.  The application sees
 * `struct sio` only.
 *
 * Nothing is freed while its own code may be on the stack: what has ended is buried at the end of the
 * loop's turn, and only then the application's on_gone is called.
 *
 * A fan-out to thousands is cut in slices: beyond some hundred sends a turn, frames wait in their
 * clients' queues and leave in the turns that follow.
 */
#ifndef DIALTONE_RELAY_SERVER_SERVER_H
#define DIALTONE_RELAY_SERVER_SERVER_H

#include "relay/net/loop.h"
#include "relay/server/counters.h"
#include "relay/server/settings.h"
#include "relay/sio/sio.h"

struct server;

/* loop, settings, app and arg are kept. */
struct server *server_new(struct loop *loop, const struct server_settings *settings,
	const struct sio_app *app, void *arg);
/* Drops all clients and sets *server to NULL. */
void server_free(struct server **server);
/* A listener_fn: arg is the struct server, fd is given. */
void server_accept(void *arg, int fd);
/* Connections, those on their way out included. */
size_t server_count(const struct server *server);
void server_counters(const struct server *server, struct server_counters *ret);
/* Whether output waits for its slice: a moment to take no more work in. */
bool server_is_behind(const struct server *server);
/* Answers every new handshake with 503 from now on; sessions stay. */
void server_refuse_all(struct server *server);
/* Refuses new ones, ends all sessions with this close code and without a Socket.IO goodbye, so that the
 * clients come back by themselves, and all other connections. */
void server_close_all(struct server *server, uint16_t code);

#endif
