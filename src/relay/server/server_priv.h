/* A connection, a peer and its long-polling side, and what they call in each other. */
#ifndef DIALTONE_RELAY_SERVER_SERVER_PRIV_H
#define DIALTONE_RELAY_SERVER_SERVER_PRIV_H

#include "base/buf.h"
#include "base/map.h"
#include "relay/eio/payload.h"
#include "relay/eio/session.h"
#include "relay/server/server.h"
#include "relay/net/sock.h"
#include "relay/ws/http_answer.h"
#include "relay/ws/http_head.h"
#include "relay/ws/ws.h"

/* First pings are spread over the last fifth of the interval: one list for each part. */
#define SERVER_SPREAD 8
/* Sends in one turn of the loop, about 2 ms. */
#define SERVER_SLICE  256
#define PEER_SID_SIZE (SIO_ID_SIZE + 2)

struct peer;

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
	struct deadline
		deadline; /* one of the server's queues, as the state has it; last: burial */
	struct list all;
	struct list ready; /* output waits for its slice */
	struct server *server;
	struct peer *peer;         /* NULL while no session uses it */
	struct exchange *exchange; /* NULL mostly */
	struct ws ws;
	uint8_t state; /* enum conn_state */
};

enum peer_state {
	PEER_OPEN,
	PEER_CLOSING, /* the next poll is told of the end */
	PEER_DEAD     /* waits for burial */
};

/* Why a session ends, as far as a polling client can tell. */
enum peer_end {
	PEER_LEFT,  /* the client said goodbye */
	PEER_BROKE, /* at once */
	PEER_SENT   /* after what is queued, on the next poll if need be */
};

/* Long-polling, for a session that began so. */
struct polling {
	struct list all;
	struct peer *peer;
	struct conn *poll, *push, *probe; /* borrowed; NULL: none */
	struct frame_queue *queue;
	struct deadline deadline; /* of the held poll, of what waits for one, or of the lingering */
	bool probed;              /* the WebSocket works, polls come back at once */
	bool left;                /* the client said goodbye */
	bool base64;              /* the client takes no bytes */
	char sid[PEER_SID_SIZE];
};

struct address;

struct peer {
	struct sio sio;
	struct eio_session eio;
	struct deadline beat;  /* the session's timer, then burial */
	struct deadline login; /* until the application accepts the client */
	struct conn *conn;     /* the WebSocket; NULL: polling, or over */
	struct server *server;
	struct polling *polling; /* NULL for a session that began on WebSocket */
	struct address *address; /* NULL: unknown */
	struct pace messages;
	int64_t flood_since_ms; /* 0: within its rate */
	uint8_t state;          /* enum peer_state */
	bool broke;             /* ended by PEER_BROKE */
};

struct server {
	struct loop *loop;
	const struct server_settings *settings;
	struct sio_kind *kinds; /* one for each path */
	struct list conns, pollings, ready;
	struct map *sids;      /* to struct peer, those that began on polling */
	struct map *addresses; /* to struct address, by address */
	struct server_counters counters;
	struct pace handshakes;
	unsigned spread; /* next list of first pings */
	uint64_t turn;   /* in which were */
	unsigned sends;  /* so many */
	bool closing;
	struct frame *ping, *pong;
	struct deadline slice, relief;
	struct deadline_queue slices, reliefs;
	struct deadline_queue heads, bodies, idles, resumes, stalls, pauses, upgrades, lingers;
	struct deadline_queue dead_conns, polls, poll_stalls, poll_lingers, logins, dead_peers;
	struct deadline_queue beats[EIO_TIMERS], first_beats[SERVER_SPREAD];
};

/* conn.c: the socket. */
void conn_new(struct server *server, int fd);
/* Sends, or ends the connection when the peer does not take it. */
void conn_send_frame(struct conn *c, struct frame *f);
void conn_send_bytes(struct conn *c, struct str bytes);
/* Frames from the client. */
void conn_read_frames(struct conn *c, uint8_t *p, size_t n);
/* Turns to frames. */
void conn_become_ws(struct conn *c, struct peer *peer);
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

/* peer.c: the session. */
extern const struct sio_carrier peer_carrier;
/* A session on WebSocket. opening: the 101 answer; it is sent with the open packet behind it. */
void peer_open_ws(struct conn *c, enum eio_version version, const struct sio_kind *kind,
	struct str address, struct buf *opening);
/* A session on polling; answers the request. */
void peer_open_polling(struct conn *c, enum eio_version version, const struct sio_kind *kind,
	struct str address, bool base64);
/* A client that sends too many is read more slowly, and ended when that does not help: false. */
bool peer_count_message(struct peer *peer);
/* What came over the session's transport. */
void peer_on_text(struct peer *peer, struct str text);
void peer_on_binary(struct peer *peer, struct str bytes);
/* A message of the WebSocket c, which may be one that only probes. */
void peer_on_ws_message(struct peer *peer, struct conn *c, bool binary, struct str data);
/* How its client writes packets as text. */
enum eio_form peer_text_form(const struct peer *peer);
/* c is going and forgets the peer. */
void peer_on_conn_gone(struct peer *peer, struct conn *c);
/* Ends the session; code is for a WebSocket. */
void peer_end(struct peer *peer, uint16_t code, enum peer_end how);
/* It is over: releases everything but the memory. */
void peer_over(struct peer *peer);
/* A request has come: fires what is due, so that the answer does not hang on the timer's precision. */
void peer_catch_up(struct peer *peer);
/* Sends over the WebSocket as the session's version has it. */
void peer_send_ws(struct peer *peer, struct frame *f);
void peer_on_beat(struct deadline *d, int64_t now_ms);
void peer_on_login_deadline(struct deadline *d, int64_t now_ms);
void peer_bury(struct deadline *d, int64_t now_ms);

/* polling.c: the session's polls and pushes, and the way to WebSocket. */
void polling_new(struct peer *peer, const char *sid, bool base64);
void polling_free(struct peer *peer);
enum eio_form polling_form(const struct peer *peer);
void polling_send(struct peer *peer, struct frame *f);
void polling_on_get(struct peer *peer, struct conn *c);
void polling_on_post(struct peer *peer, struct conn *c, const struct http_head *head);
void polling_on_body(struct conn *c, char *body, size_t n);
/* A WebSocket for a session that began on polling. */
void polling_on_upgrade(struct peer *peer, struct conn *c, const struct http_head *head);
void polling_on_probe(struct peer *peer, struct conn *c, bool binary, struct str data);
void polling_on_conn_gone(struct peer *peer, struct conn *c);
void polling_end(struct peer *peer, enum peer_end how);
void polling_on_turn_end(struct deadline *d, int64_t now_ms);
void polling_on_stall_deadline(struct deadline *d, int64_t now_ms);
void polling_on_linger_deadline(struct deadline *d, int64_t now_ms);

/* address.c: how many sessions an address has. */
bool address_is_full(const struct server *server, struct str address);
void address_add(struct peer *peer, struct str address);
void address_remove(struct peer *peer);

#endif
