/*
 * What a change leaves to be done where very much has to follow it: so many rows at a time, each part a transaction of
 * its own.  Several processes may be at it.
 *
 *   refreshes   copies, in the accounts, of what changed in their space or their type
 *   leftovers   rows of an account, profile or contacts list that is gone; sessions that have ended
 */
#ifndef DIALTONE_JOBS_REFRESH_H
#define DIALTONE_JOBS_REFRESH_H

#include <stdbool.h>

#include "service/service.h"

struct pg;

enum refresh_of { REFRESH_COPIES, REFRESH_LEFTOVERS, REFRESH_KINDS };

struct refresh_plan {
	int64_t due_ms[REFRESH_KINDS]; /* clock_ms(); 0: now */
};

void refresh_register(struct pg *pg);

/* One part, if there is any. True: there may be more. Failures are tried again a second later. */
bool refresh_step(struct refresh_plan *plan, struct service *s);

#endif
