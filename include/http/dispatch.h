/*
 * One request from its environment to its answer, always in the same seven steps:
 *
 *   1 find the row · 2 pass the gate · 3 read the body within its limit · 4 fill and check the input
 *   5 run the handler, in a transaction where the row asks for one · 6 write reply or error
 *   7 log one line
 *
 * Behind the first it may wait for others, so that what their gates ask of the database is asked in one go.
 *
 * It knows no endpoint and no identity: the gate and the transaction are functions handed in.
 */
#ifndef DIALTONE_HTTP_DISPATCH_H
#define DIALTONE_HTTP_DISPATCH_H

#include "http/ctx.h"
#include "http/fcgi_server.h"
#include "http/router.h"

struct dispatch {
	const struct router *router;
	void *app;           /* becomes ctx.app */
	struct buf *body;    /* bodies are composed here; its ceiling is theirs */
	struct str document; /* becomes ctx.document */
	struct str events;   /* becomes ctx.events */
	/* Before anything else; makes ctx.service and ctx.caller. */
	void (*start)(struct ctx *c);
	/* ctx.service is this request's from here on: before its turn to be answered, and to ask ahead. */
	void (*take_up)(struct ctx *c);
	/* Before a row is looked for: may lead the request to another path, refuse it, or answer
	 * it (ctx.answered). */
	enum err (*enter)(struct ctx *c);
	/* Decides whether this caller may call this row, and finds its subject: c->subject, which
	 * is missing (NULL) after ERR_OK only where the row says ROW_BODY_FIRST or
	 * ROW_COUNTS. */
	enum err (*gate)(struct ctx *c);
	/* Whether it is for all callers on all hosts: the gate asks for nothing, the handler for little. */
	bool (*is_for_all)(const struct ctx *c);
	/* Whether what the gate will ask for can be asked ahead, for several requests at once; says it; asks for
	 * what was said; forgets it. */
	bool (*can_be_ahead)(const struct ctx *c);
	void (*ahead)(struct ctx *c);
	void (*ask_ahead)(void *app);
	void (*forget_ahead)(void *app);
	/* Adds the challenges of a 401 to the answer. */
	void (*challenge)(struct ctx *c, enum err e);
	/* What is told about an error. */
	const struct refusal *(*refusal)(const struct ctx *c, enum err e);
	/* Seconds a refusal is for: Retry-After. 0: it does not say. May be NULL. */
	int64_t (*retry_after)(const struct ctx *c);
	/* Runs fn between BEGIN and COMMIT, again when the database asks for it. */
	enum err (*transaction)(struct ctx *c, enum err (*fn)(struct ctx *c));
	/* The answer is made, after so many microseconds, of which so many were spent on it and not on others: what
	 * may be counted is known. */
	void (*leave)(struct ctx *c, int64_t us, int64_t spent_us);
	/* Adds to the line in the log who it was and how often others were asked for it (log_line_str()). */
	void (*add_who)(const struct ctx *c);
};

/* The functions of a struct fcgi_app (http/fcgi_server.h); app is a struct dispatch. */
enum fcgi_begun dispatch_begin(void *dispatch, struct request *r, void **ret_begun);
void dispatch_ask(void *dispatch, void *const *begun, size_t n);
void dispatch_finish(void *dispatch, void *begun, struct buf *out);
void dispatch_forget(void *dispatch);

#endif
