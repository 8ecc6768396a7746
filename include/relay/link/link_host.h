/*
 * The clients of one relay process: joins net, ws, eio and sio, and gives each client its limits,
 * its deadlines and an orderly end.
 *
 * Two objects: a connection (a socket: HTTP first, then perhaps WebSocket) and a link (an Engine.IO
 * session with its Socket.IO side).  A link on WebSocket has one connection; a link on long-polling
 * borrows one for each poll and each push, and may move to a WebSocket.  The application sees
 * `struct sio` only.
 *
 * Nothing is freed while its own code may be on the stack: what has ended is buried at the end of the
 * loop's turn, and only then the application's on_gone is called.
 *
 * A fan-out to thousands is cut in slices: beyond some hundred sends a turn, frames wait in their
 * clients' queues and leave in the turns that follow.
 */
#ifndef DIALTONE_RELAY_LINK_LINK_HOST_H
#define DIALTONE_RELAY_LINK_LINK_HOST_H

#include "base/pace.h"
#include "relay/eio/handshake.h"
#include "relay/net/frame_queue.h"
#include "relay/net/loop.h"
#include "relay/sio/sio.h"

/* What is served on a path. */
struct link_path {
	const char *path;          /* without a final slash; NULL ends the list */
	const struct sio_app *app; /* NULL: the host's */
	const char *headers; /* lines for every answer on it, each with its CRLF; NULL: none */
	const char *gone;    /* JSON body of a 410 for plain HTTP; NULL: it is served */
};

struct link_settings {
	struct eio_settings eio;
	unsigned transports; /* set of enum eio_transport */
	unsigned versions;   /* bits 1 << enum eio_version */
	const struct link_path *paths;
	const char *id; /* two characters, the beginning of every sid */
	const char *allowed_origins;
	size_t max_connections;       /* and sessions */
	size_t max_per_address;       /* sessions of one X-Forwarded-For; 0: no limit */
	size_t max_queued;            /* bytes that wait for all clients together; 0: no limit */
	uint32_t max_before_login;    /* bytes of a message until the client is accepted */
	struct pace_limit handshakes; /* of the process; an interval of 0: no limit */
	struct pace_limit messages;   /* of a session */
	uint32_t flood_ms;            /* a session may exceed its rate this long */
	uint32_t head_ms;             /* the request's head must be here */
	uint32_t body_ms;             /* and its body */
	uint32_t idle_ms;             /* a kept connection waits for its next request */
	uint32_t upgrade_ms;          /* from the WebSocket to the end of polling */
	uint32_t login_ms;  /* the application must have accepted the client; 0: it need not */
	uint32_t stall_ms;  /* output may wait this long */
	uint32_t linger_ms; /* for the peer's part of an end */
};

#define LINK_CODES 16

struct link_counters {
	size_t connections; /* those on their way out included */
	size_t sessions, polling, strangers;
	size_t old_protocol; /* sessions of Engine.IO 3 */
	struct frame_tally frames;
	uint64_t handshakes, refused, slow, floods;
	uint64_t ended[LINK_CODES]; /* sessions ended from here, by close code less 1000 */
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
void link_host_counters(const struct link_host *h, struct link_counters *ret);
/* Whether output waits for its slice: a moment to take no more work in. */
bool link_host_is_behind(const struct link_host *h);
/* Answers every new handshake with 503 from now on; sessions stay. */
void link_host_refuse_all(struct link_host *h);
/* Refuses new ones, ends all sessions with this close code and without a Socket.IO goodbye, so that the
 * clients come back by themselves, and all other connections. */
void link_host_close_all(struct link_host *h, uint16_t code);

#endif
