#include "service/transaction.h"

#include "pg/pg.h"
#include "service/audit.h"

#define TRIES_MAX 3

struct attempt {
	enum err (*fn)(struct service *s, void *arg);
	void *arg;
	bool leaves_trail;
};

static enum err run_once(struct service *s, const struct attempt *a)
{
	enum err e = pg_begin(s->pg);

	if (e == ERR_OK && a->leaves_trail)
		pg_before_commit(s->pg, audit_call, s);
	if (e == ERR_OK)
		e = a->fn(s, a->arg);
	if (e == ERR_OK)
		return pg_commit(s->pg);
	pg_rollback(s->pg);
	return e;
}

static enum err run(struct service *s, const struct attempt *a)
{
	enum err e = ERR_RETRY;

	for (int tries = 0; e == ERR_RETRY && tries < TRIES_MAX; tries++)
		e = run_once(s, a);
	if (e == ERR_OK)
		service_wake(s);
	return e == ERR_RETRY ? ERR_UNAVAILABLE : e;
}

enum err service_transaction(
	struct service *s, enum err (*fn)(struct service *s, void *arg), void *arg)
{
	return run(s, &(struct attempt){ fn, arg, false });
}

enum err service_change(struct service *s, enum err (*fn)(struct service *s, void *arg), void *arg)
{
	return run(s, &(struct attempt){ fn, arg, s->trail != NULL });
}
