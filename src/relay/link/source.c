#include <stdlib.h>

#include "base/mem.h"
#include "link_priv.h"

#define SOURCE_MAX 64 /* bytes of an address */

struct source {
	size_t sessions;
	struct str address;
};

bool source_is_full(const struct link_host *h, struct str address)
{
	const struct source *s = address.n ? map_get(h->sources, address) : NULL;
	size_t max = h->settings->max_per_address;

	return max && s && s->sessions >= max;
}

void source_add(struct link *l, struct str address)
{
	struct source *s;

	if (address.n == 0 || address.n > SOURCE_MAX || !l->host->settings->max_per_address)
		return;
	s = map_get(l->host->sources, address);
	if (!s) {
		s = mem_alloc(sizeof(*s));
		s->address = (struct str){ mem_strndup(address.p, address.n), address.n };
		map_put(l->host->sources, s->address, s);
	}
	s->sessions++;
	l->source = s;
}

void source_remove(struct link *l)
{
	struct source *s = l->source;

	l->source = NULL;
	if (!s || --s->sessions > 0)
		return;
	map_remove(l->host->sources, s->address);
	free((void *)(uintptr_t)s->address.p);
	free(s);
}
