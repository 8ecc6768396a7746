/* A connection, a link and its long-polling side, and what they call in each other. */
#ifndef DIALTONE_RELAY_LINK_LINK_PRIV_H
#define DIALTONE_RELAY_LINK_LINK_PRIV_H

#include "base/buf.h"
#include "base/map.h"
#include "relay/eio/payload.h"
#include "relay/eio/session.h"
#include "relay/link/link_host.h"
#include "relay/net/sock.h"
#include "relay/ws/http_answer.h"
#include "relay/ws/http_head.h"
#include "relay/ws/ws.h"

/* First pings are spread over the last fifth of the interval: one list for each part. */
#define LINK_SPREAD 8
/* Sends in one turn of the loop, about 2 ms. */
#define LINK_SLICE    256
#define LINK_SID_SIZE (SIO_ID_SIZE + 2)

struct link;

enum conn_state {
	CONN_HEAD,   /* waits for a request */
	CONN_BODY,   /* reads a push */
	CONN_HELD,   /* holds a poll until there is something to say */
	CONN_WS,     /* frames */
	CONN_ENDING, /* what waits is sent, then the peer's end is awaited; input is thrown away */
	CONN_DEAD    /* closed, waits for burial */
};

/* A plain request under way. */
struct exchange {
	struct buf in;       /* an incomplete head, a body, and requests that came early */
	size_t body_n;       /* bytes of the body */
	enum eio_form form;  /* of the body */
	bool close;          /* the connection ends with the answer */
	bool busy;           /* being served: who answers need not look for the next request */
	bool upgrade;        /* a WebSocket was asked for */
	bool is_head;        /* the answer has no body */
	const char *headers; /* the path's lines */
	char *cors;          /* lines for the answer; NULL: none */
};

struct conn {
	struct sock sock;
	struct deadline deadline; /* one of the host's queues, as the state has it; last: burial */
	struct list all;
	struct list ready; /* output waits for its slice */
	struct link_host *host;
	struct link *link;         /* NULL while no session uses it */
	struct exchange *exchange; /* NULL mostly */
	struct ws ws;
	uint8_t state; /* enum conn_state */
};

enum link_state {
	LINK_OPEN,
	LINK_CLOSING, /* the next poll is told of the end */
	LINK_DEAD     /* waits for burial */
};

/* Why a session ends, as far as a polling client can tell. */
enum link_end {
	LINK_LEFT,  /* the client said goodbye */
	LINK_BROKE, /* at once */
	LINK_SENT   /* after what is queued, on the next poll if need be */
};

/* Long-polling, for a session that began so. */
struct polling {
	struct list all;
	struct link *link;
	struct conn *poll, *push, *probe; /* borrowed; NULL: none */
	struct frame_queue *queue;
	struct deadline deadline; /* of the held poll, of what waits for one, or of the lingering */
	bool probed;              /* the WebSocket works, polls come back at once */
	bool left;                /* the client said goodbye */
	bool base64;              /* the client takes no bytes */
	char sid[LINK_SID_SIZE];
};

struct source;

struct link {
	struct sio sio;
	struct eio_session eio;
	struct deadline beat;  /* the session's timer, then burial */
	struct deadline login; /* until the application accepts the client */
	struct conn *conn;     /* the WebSocket; NULL: polling, or over */
	struct link_host *host;
	struct polling *polling; /* NULL for a session that began on WebSocket */
	struct source *source;   /* NULL: unknown */
	struct pace messages;
	int64_t flood_since_ms; /* 0: within its rate */
	uint8_t state;          /* enum link_state */
	bool broke;             /* ended by LINK_BROKE */
};

struct link_host {
	struct loop *loop;
	const struct link_settings *settings;
	struct sio_kind *kinds; /* one for each path */
	struct list conns, pollings, ready;
	struct map *sids;    /* to struct link, those that began on polling */
	struct map *sources; /* to struct source, by address */
	struct link_counters counters;
	struct pace handshakes;
	unsigned spread; /* next list of first pings */
	uint64_t turn;   /* in which were */
	unsigned sends;  /* so many */
	bool closing;
	struct frame *ping, *pong;
	struct deadline slice, relief;
	struct deadline_queue slices, reliefs;
	struct deadline_queue heads, bodies, idles, resumes, stalls, pauses, upgrades, lingers;
	struct deadline_queue dead_conns, polls, poll_stalls, poll_lingers, logins, dead_links;
	struct deadline_queue beats[EIO_TIMERS], first_beats[LINK_SPREAD];
};

/* conn.c: the socket. */
void conn_new(struct link_host *h, int fd);
/* Sends, or ends the connection when the peer does not take it. */
void conn_send_frame(struct conn *c, struct frame *f);
void conn_send_bytes(struct conn *c, struct str bytes);
/* Frames from the client. */
void conn_read_frames(struct conn *c, uint8_t *p, size_t n);
/* Turns to frames. */
void conn_become_ws(struct conn *c, struct link *l);
/* Reads nothing for so long. */
void conn_pause(struct conn *c, int64_t ms);
/* A close frame behind what waits, then the end. */
void conn_close_ws(struct conn *c, uint16_t code);
/* The same for one that takes too little: what waits is given up. */
void conn_close_slow(struct conn *c);
/* The end behind what waits. */
void conn_end(struct conn *c);
/* The end at once. */
void conn_drop(struct conn *c);
void conn_on_head_deadline(struct deadline *d, int64_t now_ms);
/* A body, an idle connection, stalled output or a linger: out of time. */
void conn_on_deadline(struct deadline *d, int64_t now_ms);
void conn_on_resume(struct deadline *d, int64_t now_ms);
void conn_on_pause(struct deadline *d, int64_t now_ms);
void conn_on_upgrade_deadline(struct deadline *d, int64_t now_ms);
void conn_on_slice(struct deadline *d, int64_t now_ms);
void conn_bury(struct deadline *d, int64_t now_ms);

/* exchange.c: plain requests and answers on a connection. */
struct exchange *exchange_get(struct conn *c);
void exchange_free(struct conn *c);
/* Takes bytes in the states CONN_HEAD, CONN_BODY and CONN_HELD. */
void exchange_read(struct conn *c, uint8_t *p, size_t n);
/* The rest of the request is a body for the session. */
void exchange_await_body(struct conn *c, const struct http_head *head, enum eio_form form);
/* The answer comes later. */
void exchange_hold(struct conn *c);
/* The answer has left: the next request, or the wait for one. */
void exchange_resume(struct conn *c);
/* Answers; then the next request is read, or the connection ends. */
void exchange_answer(struct conn *c, struct http_answer *a);

/* request.c: finds out what a request wants. */
void request_serve(struct conn *c, const struct http_head *head);
void request_refuse(struct conn *c, int status);
void request_refuse_code(struct conn *c, enum eio_refusal refusal);

/* link.c: the session. */
extern const struct sio_carrier link_carrier;
/* A session on WebSocket. opening: the 101 answer; it is sent with the open packet behind it. */
void link_open_ws(struct conn *c, enum eio_version version, const struct sio_kind *kind,
	struct str address, struct buf *opening);
/* A session on polling; answers the request. */
void link_open_polling(struct conn *c, enum eio_version version, const struct sio_kind *kind,
	struct str address, bool base64);
/* A client that sends too many is read more slowly, and ended when that does not help: false. */
bool link_count_message(struct link *l);
/* What came over the session's transport. */
void link_on_text(struct link *l, struct str text);
void link_on_binary(struct link *l, struct str bytes);
/* A message of the WebSocket c, which may be one that only probes. */
void link_on_ws_message(struct link *l, struct conn *c, bool binary, struct str data);
/* How its client writes packets as text. */
enum eio_form link_text_form(const struct link *l);
/* c is going and forgets the link. */
void link_on_conn_gone(struct link *l, struct conn *c);
/* Ends the session; code is for a WebSocket. */
void link_end(struct link *l, uint16_t code, enum link_end how);
/* It is over: releases everything but the memory. */
void link_over(struct link *l);
/* A request has come: fires what is due, so that the answer does not hang on the timer's precision. */
void link_catch_up(struct link *l);
/* Sends over the WebSocket as the session's version has it. */
void link_send_ws(struct link *l, struct frame *f);
void link_on_beat(struct deadline *d, int64_t now_ms);
void link_on_login_deadline(struct deadline *d, int64_t now_ms);
void link_bury(struct deadline *d, int64_t now_ms);

/* polling.c: the session's polls and pushes, and the way to WebSocket. */
void polling_new(struct link *l, const char *sid, bool base64);
void polling_free(struct link *l);
enum eio_form polling_form(const struct link *l);
void polling_send(struct link *l, struct frame *f);
void polling_on_get(struct link *l, struct conn *c);
void polling_on_post(struct link *l, struct conn *c, const struct http_head *head);
void polling_on_body(struct conn *c, char *body, size_t n);
/* A WebSocket for a session that began on polling. */
void polling_on_upgrade(struct link *l, struct conn *c, const struct http_head *head);
void polling_on_probe(struct link *l, struct conn *c, bool binary, struct str data);
void polling_on_conn_gone(struct link *l, struct conn *c);
void polling_end(struct link *l, enum link_end how);
void polling_on_turn_end(struct deadline *d, int64_t now_ms);
void polling_on_stall_deadline(struct deadline *d, int64_t now_ms);
void polling_on_linger_deadline(struct deadline *d, int64_t now_ms);

/* source.c: how many sessions an address has. */
bool source_is_full(const struct link_host *h, struct str address);
void source_add(struct link *l, struct str address);
void source_remove(struct link *l);

#endif
