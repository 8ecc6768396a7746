/*
 * What a change of a space, or of the key of an account type, leaves to be done in the rows of very many accounts
 * (the table refreshes): so many at a time, each part a transaction of its own.  Several processes may be at it.
 */
#ifndef DIALTONE_JOBS_REFRESH_H
#define DIALTONE_JOBS_REFRESH_H

#include <stdbool.h>

#include "service/service.h"

struct pg;

struct refresh_plan {
	int64_t due_ms; /* clock_ms(); 0: now */
};

void refresh_register(struct pg *pg);

/* One part, if there is any. True: there may be more. Failures are tried again a second later. */
bool refresh_step(struct refresh_plan *plan, struct service *s);

#endif
