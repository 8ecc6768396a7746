#include "jobs/refresh.h"

#include "base/clock.h"
#include "jobs_priv.h"

#define LOOK_EVERY_MS 1000

bool refresh_step(struct refresh_plan *plan, struct service *s)
{
	int64_t now = clock_ms();
	bool worked;

	if (now < plan->due_ms)
		return false;
	if (refresh_store_some(s, &worked) == ERR_OK && worked)
		return true;
	plan->due_ms = now + LOOK_EVERY_MS;
	return false;
}
