#include "jobs/removal.h"

#include "base/clock.h"
#include "base/log.h"
#include "removal_priv.h"
#include "service/transaction.h"

#define LOOK_EVERY_MS       1000
#define SESSIONS_OF_AT_ONCE 500 /* accounts */
#define ACCOUNTS_AT_ONCE    500
#define ROWS_AT_ONCE        10000

/* Another process, or this one after a restart, goes over them once more: there is nothing left to end then. */
static enum err end_sessions(
	struct service *s, const struct ending_space *space, struct removal_plan *plan)
{
	int64_t after = plan->space_id == space->id ? plan->sessions_ended : 0;
	enum err e = removal_store_end_sessions(
		s, space->domain, after, SESSIONS_OF_AT_ONCE, &plan->sessions_ended);

	plan->space_id = e == ERR_OK ? space->id : 0;
	return e == ERR_OK && plan->sessions_ended == 0 ? removal_store_sessions_ended(s, space->id)
							: e;
}

/* *ret: nothing is left of any table. */
static enum err drop_rows(struct service *s, const char *domain, bool *ret)
{
	int64_t n = 0;
	enum err e = ERR_OK;

	for (size_t table = 0; e == ERR_OK && n < ROWS_AT_ONCE && table < REMOVAL_TABLES; table++)
		e = removal_store_drop_rows(s, table, domain, ROWS_AT_ONCE, &n);
	*ret = n < ROWS_AT_ONCE;
	return e;
}

static enum err drop_accounts(struct service *s, const struct ending_space *space)
{
	int64_t n;
	bool bare;
	enum err e = removal_store_drop_accounts(s, space->domain, ACCOUNTS_AT_ONCE, &n);

	if (e != ERR_OK || n == ACCOUNTS_AT_ONCE)
		return e;
	e = drop_rows(s, space->domain, &bare);
	if (e != ERR_OK || !bare)
		return e;
	e = removal_store_drop_space(s, space->id);
	if (e == ERR_OK) {
		log_set_request(space->ends_request_id);
		log_info("the deleted space %s and its accounts are removed", space->domain);
		log_set_request(NULL);
	}
	return e;
}

static enum err remove_some(struct service *s, void *arg)
{
	struct ending_space space;
	struct removal_plan *plan = arg;
	enum err e;

	arena_reset(s->arena);
	plan->worked = false;
	e = removal_store_take(s, &space);
	if (e != ERR_OK)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	plan->worked = true;
	return space.has_sessions ? end_sessions(s, &space, plan) : drop_accounts(s, &space);
}

bool removal_step(struct removal_plan *plan, struct service *s)
{
	int64_t now = clock_ms();

	if (now < plan->due_ms)
		return false;
	if (service_transaction(s, remove_some, plan) == ERR_OK && plan->worked)
		return true;
	plan->space_id = 0; /* what was not committed is done again */
	plan->due_ms = now + LOOK_EVERY_MS;
	return false;
}
