#include "address.h"

#include <stdlib.h>

#include "base/mem.h"

#define ADDRESS_MAX 64 /* bytes of an address */

struct address {
	size_t sessions;
	struct str text;
};

bool address_is_full(const struct server *server, struct str address)
{
	const struct address *a = address.n ? map_get(server->addresses, address) : NULL;
	size_t max = server->settings->max_per_address;

	return max && a && a->sessions >= max;
}

struct address *address_add(struct server *server, struct str address)
{
	struct address *a;

	if (address.n == 0 || address.n > ADDRESS_MAX || !server->settings->max_per_address)
		return NULL;
	a = map_get(server->addresses, address);
	if (!a) {
		a = mem_alloc(sizeof(*a));
		a->text = (struct str){ mem_strndup(address.p, address.n), address.n };
		map_put(server->addresses, a->text, a);
	}
	a->sessions++;
	return a;
}

void address_remove(struct server *server, struct address *a)
{
	if (!a || --a->sessions > 0)
		return;
	map_remove(server->addresses, a->text);
	free((void *)(uintptr_t)a->text.p);
	free(a);
}
