/*
 * A kind of PBX that dialtone-pbx listens to: it reports events as they come, and tells all there is when it is
 * asked (pbx/core/pbx.h says why).  Kamailio is one (pbx/kamailio.h).
 *
 * It runs in the owner's loop and waits for nothing longer than one look into the database takes.
 */
#ifndef DIALTONE_PBX_BACK_END_H
#define DIALTONE_PBX_BACK_END_H

#include <poll.h>
#include <stddef.h>

#include "base/metric.h"
#include "base/err.h"
#include "conf/redis_address.h"
#include "pbx/core/event.h"

#define BACK_END_POLLS_MAX 4

struct pg;
struct transfers;
struct pbx_settings;

/* Arrays of events as pbx_sync_registration() and pbx_sync_call() take them, until the call returns. */
struct snapshot {
	int64_t as_of_us;                      /* when it was begun */
	enum err registrations_err, calls_err; /* not ERR_OK: they are not known, as logged */
	const struct pbx_event *registrations, *calls;
	size_t registrations_n, calls_n;
};

/* What a back end is given; all of it is kept. */
struct back_end_owner {
	const struct pbx_settings *settings;
	const struct redis_address *redis; /* where the site's events are published */
	struct pg *pg;
	struct transfers *transfers; /* run by the owner */
	void (*on_event)(void *ctx, const struct pbx_event *e);
	/* Events come from now on; some before that may be lost. */
	void (*on_gap)(void *ctx);
	/* The answer to ask(). */
	void (*on_snapshot)(void *ctx, const struct snapshot *s);
	void *ctx;
};

struct back_end_kind {
	const char *name;
	void *(*open)(const struct back_end_owner *owner);
	void (*close)(void *back_end);
	/* Begins a snapshot, unless one is under way; on_snapshot() comes later. */
	void (*ask)(void *back_end);
	/* Fills in what is to be polled, at most BACK_END_POLLS_MAX, and how many; lowers *wait_ms where it has something to
	 * do by itself. */
	size_t (*polls)(void *back_end, struct pollfd *polls, int *wait_ms);
	/* The same polls, with what is ready. */
	void (*run)(void *back_end, const struct pollfd *polls);
	/* Adds its own. */
	void (*figures)(void *back_end, struct metric_text *t);
};

#endif
