#include "jobs/refresh.h"

#include "base/clock.h"
#include "jobs_priv.h"

#define LOOK_EVERY_MS 1000

static bool step(enum refresh_of of, int64_t *due_ms, struct service *s)
{
	int64_t now = clock_ms();
	bool worked;

	if (now < *due_ms)
		return false;
	if (refresh_store_some(s, of, &worked) == ERR_OK && worked)
		return true;
	*due_ms = now + LOOK_EVERY_MS;
	return false;
}

bool refresh_step(struct refresh_plan *plan, struct service *s)
{
	bool worked = false;

	for (int of = 0; of < REFRESH_KINDS; of++)
		worked = step((enum refresh_of)of, &plan->due_ms[of], s) || worked;
	return worked;
}
