#include <stdlib.h>

#include "base/mem.h"
#include "server_priv.h"

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

void address_add(struct peer *peer, struct str address)
{
	struct address *a;

	if (address.n == 0 || address.n > ADDRESS_MAX || !peer->server->settings->max_per_address)
		return;
	a = map_get(peer->server->addresses, address);
	if (!a) {
		a = mem_alloc(sizeof(*a));
		a->text = (struct str){ mem_strndup(address.p, address.n), address.n };
		map_put(peer->server->addresses, a->text, a);
	}
	a->sessions++;
	peer->address = a;
}

void address_remove(struct peer *peer)
{
	struct address *a = peer->address;

	peer->address = NULL;
	if (!a || --a->sessions > 0)
		return;
	map_remove(peer->server->addresses, a->text);
	free((void *)(uintptr_t)a->text.p);
	free(a);
}
