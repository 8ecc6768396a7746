/* Plain requests and their answers on a connection, one after the other. */
#ifndef DIALTONE_RELAY_SERVER_EXCHANGE_H
#define DIALTONE_RELAY_SERVER_EXCHANGE_H

#include "base/buf.h"
#include "relay/eio/handshake.h"
#include "relay/eio/payload.h"
#include "relay/ws/http_answer.h"
#include "relay/ws/http_head.h"
#include "conn.h"

/* Who knows what a request wants. */
struct exchange_owner {
	/* Answers, holds the connection, awaits a body, or turns it into a WebSocket. */
	void (*serve)(struct conn *c, const struct http_head *head);
	/* The body that was awaited. */
	void (*body)(struct conn *c, char *body, size_t n);
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
	char network[NETWORK_SIZE]; /* of the client; "": unknown */
};

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
/* Answers with an error, whose body is that of its reason. */
void exchange_refuse(struct conn *c, enum reason reason);
void exchange_refuse_code(struct conn *c, enum eio_refusal refusal);
/* EIO_BAD_REQUEST for a poll or a push that breaks the protocol, and the connection ends. */
void exchange_refuse_push(struct conn *c);
void exchange_on_resume(struct deadline *d, int64_t now_ms);
/* A head or a body: out of time. */
void exchange_on_deadline(struct deadline *d, int64_t now_ms);

#endif
