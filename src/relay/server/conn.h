/* The socket of a client: bytes at first, frames once it is a WebSocket. */
#ifndef DIALTONE_RELAY_SERVER_CONN_H
#define DIALTONE_RELAY_SERVER_CONN_H

#include "relay/net/sock.h"
#include "relay/sio/close_reason.h"
#include "relay/ws/ws.h"
#include "server_priv.h"

enum conn_state {
	CONN_HEAD,   /* waits for a request */
	CONN_BODY,   /* reads a push */
	CONN_HELD,   /* holds a poll until there is something to say */
	CONN_WS,     /* frames */
	CONN_ENDING, /* what waits is sent, then the peer's end is awaited; input is thrown away */
	CONN_DEAD    /* closed, waits for burial */
};

struct conn;
struct peer;

/* Who is told what comes of a connection. */
struct conn_owner {
	/* Bytes before it is a WebSocket. */
	void (*read)(struct conn *c, uint8_t *p, size_t n);
	/* An answer has left, the next request may be read. */
	void (*answered)(struct conn *c);
	/* A text or bytes from the WebSocket of its peer. */
	void (*message)(struct conn *c, bool binary, struct str data);
	/* A frame that is no message and counts like one: a ping, a fragment. False: it is too much. */
	bool (*frame)(struct conn *c);
	/* It is going, and leaves its peer. */
	void (*gone)(struct conn *c);
	/* Its memory goes next. */
	void (*buried)(struct conn *c);
};

struct conn {
	struct sock sock;
	struct deadline deadline; /* of the queue the state needs; last: burial */
	struct list all;
	struct list ready; /* output waits for its slice */
	struct server *server;
	struct peer *peer;         /* NULL while no session uses it */
	struct exchange *exchange; /* NULL mostly */
	struct ws ws;
	uint16_t close_code; /* of the close frame that was sent or read; 0: none */
	uint8_t state;       /* enum conn_state */
	uint8_t why;         /* enum close_reason */
	bool stalls;         /* the deadline, if it is set, is about output that waits */
};

void conn_new(struct server *server, int fd);
/* It has so long for what the queue is about. */
void conn_wait_at_most(struct conn *c, struct deadline_queue *q, int64_t ms);
/* Sends, or ends the connection when the peer does not take it. */
void conn_send_frame(struct conn *c, struct frame *f);
void conn_send_bytes(struct conn *c, struct str bytes);
/* Frames from the client. */
void conn_read_frames(struct conn *c, uint8_t *p, size_t n);
/* Turns to frames; peer may be NULL for one that is closed at once. */
void conn_become_ws(struct conn *c, struct peer *peer);
/* Reads nothing for so long. */
void conn_pause(struct conn *c, int64_t ms);
/* A close frame behind what waits, then the end. */
void conn_close_ws(struct conn *c, uint16_t code, enum close_reason why);
/* The same for one for which too much waits: it is given up. */
void conn_close_full(struct conn *c, enum close_reason why);
/* Why one that goes does. */
enum close_reason conn_closing(const struct conn *c);
/* The end behind what waits. */
void conn_end(struct conn *c);
/* The end at once. */
void conn_drop(struct conn *c);
/* Output has stalled. */
void conn_on_stall(struct deadline *d, int64_t now_ms);
/* An idle connection or a linger: out of time. */
void conn_on_deadline(struct deadline *d, int64_t now_ms);
void conn_on_pause(struct deadline *d, int64_t now_ms);
void conn_on_upgrade_deadline(struct deadline *d, int64_t now_ms);
void conn_on_slice(struct deadline *d, int64_t now_ms);
void conn_bury(struct deadline *d, int64_t now_ms);

#endif
