#include "jobs/removal.h"

#include "base/clock.h"
#include "base/log.h"
#include "removal_priv.h"
#include "service/transaction.h"

#define LOOK_EVERY_MS    1000
#define SESSIONS_AT_ONCE 2000
#define ACCOUNTS_AT_ONCE 500

static enum err end_sessions(struct service *s, const struct ending_space *space)
{
	int64_t n;
	enum err e = removal_store_end_sessions(s, space->domain, SESSIONS_AT_ONCE, &n);

	return e == ERR_OK && n < SESSIONS_AT_ONCE ? removal_store_sessions_ended(s, space->id) : e;
}

static enum err drop_accounts(struct service *s, const struct ending_space *space)
{
	int64_t n;
	enum err e = removal_store_drop_accounts(s, space->domain, ACCOUNTS_AT_ONCE, &n);

	if (e != ERR_OK || n == ACCOUNTS_AT_ONCE)
		return e;
	e = removal_store_drop_space(s, space->id);
	if (e == ERR_OK)
		log_info("the deleted space %s and its accounts are removed", space->domain);
	return e;
}

static enum err remove_some(struct service *s, void *arg)
{
	struct ending_space space;
	bool *worked = arg;
	enum err e;

	arena_reset(s->arena);
	*worked = false;
	e = removal_store_take(s, &space);
	if (e != ERR_OK)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	*worked = true;
	return space.has_sessions ? end_sessions(s, &space) : drop_accounts(s, &space);
}

bool removal_step(struct removal_plan *plan, struct service *s)
{
	int64_t now = clock_ms();
	bool worked = false;

	if (now < plan->due_ms)
		return false;
	if (service_transaction(s, remove_some, &worked) == ERR_OK && worked)
		return true;
	plan->due_ms = now + LOOK_EVERY_MS;
	return false;
}
