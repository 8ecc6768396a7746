#include "address.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct address {
	struct server *server;
	size_t sessions, strangers;
	struct pace handshakes;
	struct deadline rest;
	char network[NETWORK_SIZE];
};

enum reason address_refusal(const struct server *server, const char *network)
{
	const struct server_settings *s = server->settings;
	const struct address *a = map_get(server->addresses, str_from(network));

	if (!*network || !a)
		return REASON_COUNT;
	if (s->max_strangers_per_address && a->strangers >= s->max_strangers_per_address)
		return REASON_ADDRESS_SESSIONS;
	if (s->max_live_per_address && a->sessions - a->strangers >= s->max_live_per_address)
		return REASON_ADDRESS_LIVE_SESSIONS;
	struct pace trial = a->handshakes;

	return pace_take(&trial, &s->address_handshakes, loop_now(server->loop))
		       ? REASON_COUNT
		       : REASON_ADDRESS_HANDSHAKES;
}

struct address *address_add(struct server *server, const char *network)
{
	struct address *a;

	if (!*network)
		return NULL;
	a = map_get(server->addresses, str_from(network));
	if (!a) {
		a = mem_alloc(sizeof(*a));
		a->server = server;
		strcpy(a->network, network);
		deadline_init(&a->rest);
		map_put(server->addresses, str_from(a->network), a);
	}
	a->sessions++;
	deadline_clear(&a->rest);
	pace_charge(&a->handshakes, &server->settings->address_handshakes, loop_now(server->loop));
	return a;
}

static void forget(struct address *a)
{
	map_remove(a->server->addresses, str_from(a->network));
	free(a);
}

void address_on_rest(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	forget(LIST_ENTRY(d, struct address, rest));
}

void address_remove(struct server *server, struct address *a)
{
	const struct pace_limit *limit = &server->settings->address_handshakes;

	if (!a || --a->sessions > 0)
		return;
	deadline_set(&a->rest, &server->rests,
		loop_now(server->loop) + limit->interval_us * limit->burst / 1000);
}

void address_count_stranger(struct address *a, int change)
{
	if (a)
		a->strangers += (size_t)change;
}

const char *address_network(const struct address *a)
{
	return a ? a->network : "";
}

void addresses_free(struct server *server)
{
	while (!list_is_empty(&server->rests.items)) {
		struct deadline *d = LIST_ENTRY(server->rests.items.next, struct deadline, link);

		deadline_clear(d);
		address_on_rest(d, 0);
	}
	map_free(&server->addresses);
}
