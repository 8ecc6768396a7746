#include "catch_up.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "relay/core/channel.h"
#include "relay/core/client.h"
#include "relay/core/directory.h"
#include "cti_priv.h"
#include "delivery.h"

/* Clients fetch the state while they connect; what happened in between would be lost (cti-api 3.4).
 * One question serves all clients of a domain that come while another is on its way. */

#define CATCH_UP_BACK_MS 10000
#define CATCH_UP_COUNT   "1000"
#define WAITERS_MAX      4096
#define TOLD_MAX         16384

struct waiter {
	char sid[SIO_ID_SIZE];
	int64_t since_ms;
};

struct catch_up {
	struct list link; /* of the application */
	struct core *core;
	struct waiter *waiters;
	size_t n, cap;
	bool asked;
	struct map *told; /* told_key() of what was delivered since it was asked */
	char domain[];
};

static struct catch_up *find_catch_up(struct core *core, struct str domain, bool asked)
{
	LIST_FOR_EACH(u, &cti_of(core)->catch_ups, struct catch_up, link)
		if (u->asked == asked && str_is(domain, u->domain))
			return u;
	return NULL;
}

static struct catch_up *catch_up_new(struct core *core, struct str domain)
{
	struct catch_up *u = mem_alloc(sizeof(*u) + domain.n + 1);

	u->core = core;
	u->told = map_new();
	memcpy(u->domain, domain.p, domain.n);
	list_add_tail(&cti_of(core)->catch_ups, &u->link);
	return u;
}

static void catch_up_free(struct catch_up *u)
{
	list_remove(&u->link);
	map_free(&u->told);
	free(u->waiters);
	free(u);
}

static void add_waiter(struct catch_up *u, const struct cti_client *c)
{
	struct waiter *more;

	if (u->n == WAITERS_MAX)
		return;
	if (u->n == u->cap) {
		u->cap = u->cap ? u->cap * 2 : 4;
		more = mem_alloc(u->cap * sizeof(*more));
		if (u->n)
			memcpy(more, u->waiters, u->n * sizeof(*more));
		free(u->waiters);
		u->waiters = more;
	}
	u->waiters[u->n].since_ms = (int64_t)c->since * 1000 - CATCH_UP_BACK_MS;
	snprintf(u->waiters[u->n++].sid, SIO_ID_SIZE, "%s", c->sio->id);
}

/* An entry of the stream, read. */
struct entry {
	int64_t at_ms;
	struct cti_channel *channel; /* NULL: no client here is in that room */
	struct message m;
	struct str key; /* told_key() */
};

/* What makes an older message of the same key superfluous: its channel, and what it is the state of,
 * or else which message it is. Empty: it is told anyway. */
static struct str told_key(
	const struct cti_channel *ch, const struct message *m, struct arena *arena)
{
	if (m->coalesce_key)
		return str_from(arena_printf(arena, "%s\nc%s", ch->name, m->coalesce_key));
	if (m->id)
		return str_from(arena_printf(arena, "%s\ni%s", ch->name, m->id));
	return STR("");
}

static struct cti_channel *room_channel(struct catch_up *u, struct str suffix)
{
	struct cti_channel *ch;
	struct buf name;

	buf_init(&name, CORE_NAME_MAX);
	buf_printf(&name, "%s{%s}:%.*s", u->core->settings->prefix, u->domain, (int)suffix.n,
		suffix.p);
	ch = channel_find(u->core, buf_str(&name));
	buf_finish(&name);
	return ch;
}

/* id, [ch, <suffix>, m, <message>] */
static void entry_read(struct catch_up *u, const struct redis_reply *from, struct entry *to)
{
	struct arena *arena = cti_of(u->core)->arena;
	const struct redis_reply *f;

	if (from->type != REDIS_LIST || from->count != 2 || from->items[1].count < 4)
		return;
	f = from->items[1].items;
	to->at_ms = strtoll(from->items[0].text.p, NULL, 10);
	to->channel = room_channel(u, f[1].text);
	if (to->channel && (message_parse(f[3].text, arena, &to->m) != ERR_OK ||
				   to->m.flags & MESSAGE_ONE_SHOT))
		to->channel = NULL;
	if (to->channel)
		to->key = told_key(to->channel, &to->m, arena);
}

/* The newest of each key stays, and none of which a newer one was delivered meanwhile. */
static void drop_outdated(struct catch_up *u, struct entry *entries, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		struct entry *e = &entries[i];

		if (!e->channel || !e->key.n)
			continue;
		if (map_get(u->told, e->key))
			e->channel = NULL;
		else
			map_put(u->told, e->key, u);
	}
}

static bool is_owed(const struct cti_client *c, const struct cti_channel *ch)
{
	for (size_t i = 0; i < c->room_count; i++)
		if (c->rooms[i].channel == ch)
			return c->fresh & 1U << i;
	return false;
}

static void tell_waiter(
	const struct catch_up *u, const struct waiter *w, const struct entry *entries, size_t n)
{
	struct cti_client *c = directory_find(u->core, w->sid);

	for (size_t i = 0; c && c->live && i < n; i++)
		if (entries[i].channel && entries[i].at_ms >= w->since_ms &&
			is_owed(c, entries[i].channel))
			delivery_replay(c, entries[i].channel, &entries[i].m);
	if (c)
		c->fresh = 0;
}

static void tell_all(struct catch_up *u, const struct redis_reply *reply)
{
	struct arena *arena = cti_of(u->core)->arena;
	struct entry *entries = arena_alloc(arena, (reply->count + 1) * sizeof(*entries));

	for (size_t i = 0; i < reply->count; i++)
		entry_read(u, &reply->items[reply->count - 1 - i], &entries[i]);
	drop_outdated(u, entries, reply->count);
	for (size_t i = 0; i < u->n; i++)
		tell_waiter(u, &u->waiters[i], entries, reply->count);
	arena_reset(arena);
}

static void ask_for_entries(struct catch_up *u);

/* Until Redis is back; what is delivered meanwhile may have holes. */
static void put_back(struct catch_up *u)
{
	u->asked = false;
	map_free(&u->told);
	u->told = map_new();
}

static void on_entries(void *arg, const struct redis_reply *reply)
{
	struct catch_up *u = arg, *next;

	if (!reply && !pipeline_is_up(u->core->commands)) {
		put_back(u);
		return;
	}
	if (reply && reply->type == REDIS_LIST)
		tell_all(u, reply);
	next = find_catch_up(u->core, str_from(u->domain), false);
	catch_up_free(u);
	if (next)
		ask_for_entries(next);
}

static int64_t earliest(const struct catch_up *u)
{
	int64_t at = INT64_MAX;

	for (size_t i = 0; i < u->n; i++)
		if (u->waiters[i].since_ms < at)
			at = u->waiters[i].since_ms;
	return at;
}

/* Of too many the newest. */
static void ask_for_entries(struct catch_up *u)
{
	struct buf key;
	char from[24];

	snprintf(from, sizeof(from), "%" PRId64, earliest(u));
	buf_init(&key, CORE_NAME_MAX);
	channel_of_domain(&key, u->core->settings->prefix, str_from(u->domain), "recent");
	u->asked = pipeline_send(u->core->commands,
			   REDIS_COMMAND(STR("XREVRANGE"), buf_str(&key), STR("+"), str_from(from),
				   STR("COUNT"), STR(CATCH_UP_COUNT)),
			   on_entries, u) == ERR_OK;
	buf_finish(&key);
}

static void ask_again(struct core *core)
{
	LIST_FOR_EACH(u, &cti_of(core)->catch_ups, struct catch_up, link)
		if (!u->asked)
			ask_for_entries(u);
}

/* In the rooms that are fresh; once their channels are confirmed. */
static void begin_catch_up(struct cti_client *c)
{
	struct core *core = c->core;
	struct str domain = client_domain(c);
	struct catch_up *u;

	if (!c->fresh || !client_is_confirmed(c))
		return;
	u = find_catch_up(core, domain, false);
	if (!u)
		u = catch_up_new(core, domain);
	add_waiter(u, c);
	if (!find_catch_up(core, domain, true))
		ask_for_entries(u);
}

void catch_up_note(struct core *core, const struct cti_channel *ch, const struct message *m)
{
	LIST_FOR_EACH(u, &cti_of(core)->catch_ups, struct catch_up, link) {
		struct str key;

		if (!u->asked || map_count(u->told) >= TOLD_MAX)
			continue;
		key = told_key(ch, m, cti_of(core)->arena);
		if (key.n && !map_get(u->told, key))
			map_put(u->told, key, u);
	}
}

void catch_up_free_all(struct core *core)
{
	LIST_FOR_EACH(u, &cti_of(core)->catch_ups, struct catch_up, link)
		catch_up_free(u);
}

static void on_client_confirmed(struct cti_client *c, bool own_channel)
{
	(void)own_channel;
	if (c->live)
		begin_catch_up(c);
}

static void on_live(struct cti_client *c, bool first)
{
	if (first)
		begin_catch_up(c);
}

static void on_permitted(struct cti_client *c, struct str extensions)
{
	(void)extensions;
	if (c->live)
		begin_catch_up(c);
}

const struct core_listener catch_up_listener = {
	.client_confirmed = on_client_confirmed,
	.live = on_live,
	.permitted = on_permitted,
	.redis_up = ask_again,
};
