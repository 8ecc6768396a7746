/*
 * What is said to a gateway to have one message delivered: HTTP calls, one after another, and how it ended.
 *
 * A gateway fills in the next call and the function that hears its answer; who makes the calls, and whether
 * others are made meanwhile, is not its business: dialogue_run() makes them one by one, jobs make them beside
 * those of other messages.
 */
#ifndef DIALTONE_GATEWAYS_DIALOGUE_H
#define DIALTONE_GATEWAYS_DIALOGUE_H

#include "base/arena.h"
#include "outgoing/http_client.h"

enum delivered {
	DELIVERED,
	DELIVERED_LATER, /* not now */
	DELIVERED_NEVER  /* not to that device or number, or not this message */
};

struct dialogue;
typedef void dialogue_fn(struct dialogue *d, const struct http_answer *answer);

/* Zero but for the arena at the start. */
struct dialogue {
	struct arena *arena;
	struct http_call call; /* the next one; url NULL: it is over */
	dialogue_fn *answered; /* hears what it is answered with */
	void *gateway;         /* of who fills it in; likewise */
	const void *message;
	bool renewed; /* what it is known by was thrown away once */
	enum delivered result;
	int64_t after_s;    /* LATER: not before; 0: it did not say */
	const char *reason; /* for the log, without secrets; NULL when it is delivered */
};

/* For those who fill it in: the next call, or the end. */
void dialogue_ask(struct dialogue *d, const struct http_call *call, dialogue_fn *answered);
void dialogue_done(struct dialogue *d);
void dialogue_later(struct dialogue *d, int64_t after_s, const char *reason);
void dialogue_never(struct dialogue *d, const char *reason);
/* The end that follows from a status that is none of success: whether it may be another one later. */
void dialogue_refused(struct dialogue *d, const struct http_answer *answer);

/* For those who make its calls: an answer, or what http_client_send() says of its failure. */
void dialogue_hear(
	struct dialogue *d, enum err e, const struct http_answer *answer, const char *why);
/* Makes all of its calls, until until_ms (clock_ms()). */
void dialogue_run(struct dialogue *d, struct http_client *client, int64_t until_ms);

#endif
