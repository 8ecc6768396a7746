/*
 * What dialtone-jobs does between two sleeps: publish what was committed (outbox.h), carry out jobs (queue.h),
 * remove what has expired (cleanup.h) and what belonged to spaces that were deleted (removal.h).  It never
 * stops for a failure: it sleeps longer and tries again.  Redis away holds up the outbox alone.
 */
#ifndef DIALTONE_JOBS_JOBS_H
#define DIALTONE_JOBS_JOBS_H

#include <signal.h>

#include "redis/outbox_signal.h"
#include "conf/settings.h"
#include "jobs/cleanup.h"
#include "jobs/outbox.h"
#include "jobs/queue.h"
#include "jobs/refresh.h"
#include "jobs/removal.h"
#include "jobs/standing.h"

struct jobs {
	const struct jobs_settings *settings; /* may change between two steps, as do these */
	const struct rule_settings *rules;    /* of the API */
	struct outbox outbox;
	struct outbox_signal *wake;
	struct cleanup_plan cleanup;
	struct refresh_plan refresh;
	struct removal_plan removal;
	struct queue queue;
	const char *version; /* of the program */
	struct jobs_figures figures;
	int failures;      /* of the outbox, in a row */
	bool woken;        /* something was committed */
	int64_t outbox_ms; /* when it is looked at again, by clock_ms() */
};

/* The statements of its own, besides those of resources/statements.h. */
void jobs_register(struct pg *pg);

/* A batch of the outbox and the clean-ups, where they are due, and a step of the queue. Returns the
 * milliseconds to sleep. */
int jobs_step(struct jobs *j);
/* Sleeps until a message wakes us, a transfer goes on, a caller connects to `listener` (-1: none), a signal
 * outside of `blocked` comes, or the time is over.  True when it is the listener. */
bool jobs_sleep(struct jobs *j, int ms, int listener, const sigset_t *blocked);

#endif
