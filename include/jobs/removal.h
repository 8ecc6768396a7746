/*
 * Removing what belonged to a space that was deleted (resources/spaces/record.h), some at a time: first its
 * sessions end, then its accounts go, with their tombstones and events, then what else is much, and at last the
 * space, and with it the hold on its domain.
 *
 * Each part is a transaction of its own, and how far it is stands in the row of the space: after a crash it
 * goes on from there.  Several processes may be at it: each takes a space that no other one holds.
 */
#ifndef DIALTONE_JOBS_REMOVAL_H
#define DIALTONE_JOBS_REMOVAL_H

#include <stdbool.h>

#include "service/service.h"

struct pg;

struct removal_plan {
	int64_t due_ms; /* clock_ms(); 0: now */
	/* Sessions of this space's accounts up to that one have ended. */
	int64_t space_id, sessions_ended;
	bool worked; /* there was something to do */
};

void removal_register(struct pg *pg);

/* One part, if there is any. True: there may be more. Failures are tried again a second later. */
bool removal_step(struct removal_plan *plan, struct service *s);

#endif
