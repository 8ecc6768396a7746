#include "domain/key_uses.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/key_store.h"

#define KEYS_MAX 4096

struct key_uses {
	size_t n;
	int64_t ids[KEYS_MAX], counts[KEYS_MAX];
};

struct key_uses *key_uses_new(void)
{
	return mem_alloc(sizeof(struct key_uses));
}

void key_uses_free(struct key_uses **u)
{
	free(*u);
	*u = NULL;
}

/* The few keys of one interval are searched from the newest: it is nearly always that one. */
void key_uses_add(struct key_uses *u, int64_t key_id)
{
	for (size_t i = u->n; i-- > 0;)
		if (u->ids[i] == key_id) {
			u->counts[i]++;
			return;
		}
	if (u->n == KEYS_MAX)
		return;
	u->ids[u->n] = key_id;
	u->counts[u->n++] = 1;
}

void key_uses_flush(struct domain *d)
{
	struct key_uses *u = d->key_uses;

	if (u->n == 0)
		return;
	enum err e = key_store_count_uses(d->store, u->ids, u->counts, u->n);

	if (e == ERR_OK)
		u->n = 0;
	else if (e != ERR_UNAVAILABLE)
		log_warn("uses of %zu API keys are not counted yet: %s", u->n, err_name(e));
}
