/*
 * What dialtone-jobs does between two sleeps: publish what was committed (outbox.h), remove what has
 * expired (cleanup.h) and what belonged to spaces that were deleted (removal.h).  It never stops for a failure: it sleeps longer and tries again.
 */
#ifndef DIALTONE_JOBS_JOBS_H
#define DIALTONE_JOBS_JOBS_H

#include <signal.h>

#include "redis/outbox_signal.h"
#include "conf/settings.h"
#include "jobs/cleanup.h"
#include "jobs/outbox.h"
#include "jobs/removal.h"

struct jobs {
	const struct jobs_settings *settings; /* may change between two steps */
	struct outbox outbox;
	struct outbox_signal *wake;
	struct cleanup_plan cleanup;
	struct removal_plan removal;
	int failures; /* in a row */
};

/* The statements of the clean-ups, besides those of resources/statements.h. */
void jobs_register(struct pg *pg);

/* One batch of the outbox, and the clean-ups that are due. Returns the milliseconds to sleep. */
int jobs_step(struct jobs *j);
/* Sleeps until a message wakes us, a signal outside of `blocked` comes, or the time is over. */
void jobs_sleep(struct jobs *j, int ms, const sigset_t *blocked);

#endif
