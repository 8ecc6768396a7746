/*
 * Removing what has expired, each kind at its own pace.  Several processes may do so at once.
 */
#ifndef DIALTONE_JOBS_CLEANUP_H
#define DIALTONE_JOBS_CLEANUP_H

#include "store/cleanup_store.h"

struct cleanup_plan {
	int64_t due_ms[CLEANUP_COUNT]; /* clock_ms(); 0: now */
};

/* Runs what is due, none more often than every interval_s seconds. Failures are tried again then. */
void cleanup_run_due(struct cleanup_plan *plan, struct service *s, int64_t interval_s);

#endif
