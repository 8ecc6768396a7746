/* A session: its timers, limits and end, whatever carries it. */
#ifndef DIALTONE_RELAY_SERVER_PEER_H
#define DIALTONE_RELAY_SERVER_PEER_H

#include "relay/eio/payload.h"
#include "relay/eio/session.h"
#include "relay/sio/sio.h"
#include "conn.h"

#define PEER_SID_SIZE (SIO_ID_SIZE + 2)

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

struct peer;

/* What carries a session. */
struct transport {
	void (*send)(struct peer *peer, struct frame *f);
	/* code is for a WebSocket. */
	void (*end)(struct peer *peer, uint16_t code, enum peer_end how);
	/* A text or bytes from a WebSocket. */
	void (*message)(struct peer *peer, struct conn *c, bool binary, struct str data);
	/* c is going and has forgotten the peer. */
	void (*conn_gone)(struct peer *peer, struct conn *c);
	/* Bytes the client has not taken yet. */
	size_t (*waiting)(const struct peer *peer);
	/* The session is over; NULL: there is nothing to be released. */
	void (*release)(struct peer *peer);
};

struct peer {
	struct sio sio;
	struct eio_session eio;
	struct deadline beat;  /* the session's timer, then burial */
	struct deadline login; /* until the application accepts the client */
	struct conn *conn;     /* the WebSocket; NULL: polling, or over */
	struct server *server;
	const struct transport *transport;
	struct polling *polling; /* NULL for a session that began on WebSocket */
	struct address *address; /* NULL: unknown */
	struct pace messages;
	int64_t flood_since_ms; /* 0: within its rate */
	uint8_t state;          /* enum peer_state */
	bool broke;             /* ended by PEER_BROKE */
};

extern const struct sio_carrier peer_carrier;

/* What a handshake has settled. */
struct peer_opening {
	const struct sio_kind *kind;
	enum eio_version version;
	const char *network; /* of the client, "" when it is unknown */
};

/* Counted from now on; its transport is the caller's to set. */
struct peer *peer_new(struct server *server, const struct peer_opening *opening);
/* Starts the session, unless it has ended. */
void peer_start(struct peer *peer);
/* The name of a session, told by its beginning from those of other relays. */
void peer_make_sid(const struct server *server, char out[PEER_SID_SIZE]);
/* A client that sends too many is read more slowly, and ended when that does not help: false. */
bool peer_count_message(struct peer *peer);
/* What came over the session's transport. */
void peer_on_text(struct peer *peer, struct str text);
void peer_on_binary(struct peer *peer, struct str bytes);
/* How its client writes packets as text. */
enum eio_form peer_text_form(const struct peer *peer);
/* Ends the session; code is for a WebSocket. */
void peer_end(struct peer *peer, uint16_t code, enum peer_end how, enum close_reason why);
/* Counts and tells why it ends, the first time. */
void peer_note_end(struct peer *peer, uint16_t code, enum close_reason why);
/* It is over: releases everything but the memory. */
void peer_over(struct peer *peer);
/* A request has come: fires what is due, so that the answer does not hang on the timer's precision. */
void peer_catch_up(struct peer *peer);
/* For struct conn_owner. */
void peer_on_message(struct conn *c, bool binary, struct str data);
bool peer_on_frame(struct conn *c);
void peer_on_conn_gone(struct conn *c);
void peer_on_beat(struct deadline *d, int64_t now_ms);
void peer_on_login_deadline(struct deadline *d, int64_t now_ms);
void peer_bury(struct deadline *d, int64_t now_ms);

#endif
