#include "service/transaction.h"

#include "pg/pg.h"

#define TRIES_MAX 3

static enum err run_once(struct service *s, enum err (*fn)(struct service *s, void *arg), void *arg)
{
	enum err e = pg_begin(s->pg);

	if (e == ERR_OK)
		e = fn(s, arg);
	if (e == ERR_OK)
		return pg_commit(s->pg);
	pg_rollback(s->pg);
	return e;
}

enum err service_transaction(
	struct service *s, enum err (*fn)(struct service *s, void *arg), void *arg)
{
	enum err e = ERR_RETRY;

	for (int tries = 0; e == ERR_RETRY && tries < TRIES_MAX; tries++)
		e = run_once(s, fn, arg);
	if (e == ERR_OK)
		service_wake(s);
	return e == ERR_RETRY ? ERR_UNAVAILABLE : e;
}
