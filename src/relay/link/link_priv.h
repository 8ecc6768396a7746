/* A connection and a link, and what they call in each other. */
#ifndef DIALTONE_RELAY_LINK_LINK_PRIV_H
#define DIALTONE_RELAY_LINK_LINK_PRIV_H

#include "base/buf.h"
#include "relay/eio/session.h"
#include "relay/link/link_host.h"
#include "relay/net/sock.h"
#include "relay/ws/http_head.h"
#include "relay/ws/ws.h"

/* First pings are spread over the last fifth of the interval: one list for each part. */
#define LINK_SPREAD 8

enum conn_state {
	CONN_HEAD,   /* waits for a request */
	CONN_WS,     /* frames */
	CONN_ENDING, /* what waits is sent, then the peer's end is awaited; input is thrown away */
	CONN_DEAD    /* closed, waits for burial */
};

struct conn {
	struct sock sock;
	struct deadline deadline; /* head, then stalled output, then linger, then burial */
	struct list all;
	struct link_host *host;
	struct link *link; /* NULL until a session speaks over it, and after */
	struct buf *head;  /* an incomplete request; NULL mostly */
	struct ws ws;
	uint8_t state; /* enum conn_state */
};

struct link {
	struct sio sio;
	struct eio_session eio;
	struct deadline beat;  /* the session's timer, then burial */
	struct deadline login; /* until the application accepts the client */
	struct conn *conn;     /* NULL when the transport is gone */
	struct link_host *host;
};

struct link_host {
	struct loop *loop;
	const struct link_settings *settings;
	struct sio_kind kind;
	struct list conns;
	size_t count;
	unsigned spread; /* next list of first pings */
	bool closing;
	struct frame *ping, *pong;
	struct deadline_queue heads, stalls, lingers, dead_conns;
	struct deadline_queue beats[EIO_TIMERS], first_beats[LINK_SPREAD], logins, dead_links;
};

/* conn.c */
void conn_new(struct link_host *h, int fd);
/* Sends, or drops the connection when the peer does not take it. */
void conn_send_frame(struct conn *c, struct frame *f);
void conn_send_bytes(struct conn *c, struct str bytes);
/* A close frame behind what waits, then the end. */
void conn_close_ws(struct conn *c, uint16_t code);
/* The end behind what waits. */
void conn_end(struct conn *c);
/* The end at once. */
void conn_drop(struct conn *c);
void conn_on_head_deadline(struct deadline *d, int64_t now_ms);
void conn_on_stall_deadline(struct deadline *d, int64_t now_ms);
void conn_on_linger_deadline(struct deadline *d, int64_t now_ms);
void conn_bury(struct deadline *d, int64_t now_ms);

/* request.c: answers a request, or turns the connection into a session's. */
void request_serve(struct conn *c, const struct http_head *head);
void request_refuse(struct conn *c, int status);

/* link.c */
extern const struct sio_carrier link_carrier;
/* opening: the 101 answer; it is sent with the open packet behind it. */
void link_open(struct conn *c, enum eio_version version, struct buf *opening);
void link_on_text(struct link *l, struct str text);
void link_on_binary(struct link *l, struct str bytes);
/* The transport is gone or going; buries the link. */
void link_detach(struct link *l);
void link_on_beat(struct deadline *d, int64_t now_ms);
void link_on_login_deadline(struct deadline *d, int64_t now_ms);
void link_bury(struct deadline *d, int64_t now_ms);

#endif
