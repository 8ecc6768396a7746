#include "domain/transaction.h"

#define TRIES_MAX 3

static enum err run_once(struct domain *d, enum err (*fn)(struct domain *d, void *arg), void *arg)
{
	enum err e = store_begin(d->store);

	if (e == ERR_OK)
		e = fn(d, arg);
	if (e == ERR_OK)
		return store_commit(d->store);
	store_rollback(d->store);
	return e;
}

enum err transaction_run(struct domain *d, enum err (*fn)(struct domain *d, void *arg), void *arg)
{
	enum err e = ERR_RETRY;

	for (int tries = 0; e == ERR_RETRY && tries < TRIES_MAX; tries++)
		e = run_once(d, fn, arg);
	return e == ERR_RETRY ? ERR_UNAVAILABLE : e;
}
