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
#include "relay/core/leaving.h"
#include "cti_priv.h"
#include "delivery.h"
#include "routing.h"

/* Clients fetch the state while they connect; what happened in between would be lost.  One question
 * serves all clients of a domain that come while another is on its way. */

#define CATCH_UP_BACK_MS 10000
#define CATCH_UP_COUNT   "1000"
/* A client is told more while less than this waits for it: one that reads slowly is not drowned. */
#define PORTION_BYTES (32 * 1024)
/* More different things than this happen only to a client that cannot keep up. */
#define HEARD_MAX 65536

/* An entry of the stream, read. */
struct entry {
	int64_t at_ms;
	const char *channel; /* NULL: nothing to be told */
	struct message m;
	struct frame *frame;
	struct str key; /* told_key() */
	size_t newer;   /* index of the next one of the same key; 0: it is the newest */
};

enum snapshot_state {
	SNAPSHOT_OPEN,  /* collects waiters, is to be asked for */
	SNAPSHOT_ASKED, /* on its way */
	SNAPSHOT_READ,  /* the echo is on its way */
	SNAPSHOT_READY  /* is told */
};

struct snapshot {
	struct list link; /* of the application */
	struct list waiters;
	struct core *core;
	struct arena *arena; /* of the entries */
	struct entry *entries;
	size_t n;
	uint64_t echo;
	enum snapshot_state state;
	char domain[];
};

/* A live client that is not caught up in all its rooms. */
struct waiter {
	struct list link; /* in the snapshot, or alone while channels are not confirmed */
	struct snapshot *snapshot;
	struct cti_client *client;
	struct map *heard; /* told_key() of all that it was sent */
	size_t at;         /* the next entry */
};

/* What makes an older message of the same key superfluous: its channel, and what it is the state of,
 * or else which message it is. Empty: there is no telling. */
static struct str told_key(const char *channel, const struct message *m, struct arena *arena)
{
	if (m->coalesce_key)
		return str_from(arena_printf(arena, "%s\nc%s", channel, m->coalesce_key));
	if (m->sequence)
		return str_from(arena_printf(arena, "%s\ns%" PRId64 " %s", channel, m->sequence,
			m->epoch ? m->epoch : ""));
	if (m->id)
		return str_from(arena_printf(arena, "%s\ni%s", channel, m->id));
	return STR("");
}

static struct snapshot *find_snapshot(struct core *core, struct str domain, bool open)
{
	LIST_FOR_EACH(s, &cti_of(core)->snapshots, struct snapshot, link)
		if (str_is(domain, s->domain) && s->state != SNAPSHOT_READY &&
			(s->state == SNAPSHOT_OPEN) == open)
			return s;
	return NULL;
}

static struct snapshot *snapshot_new(struct core *core, struct str domain)
{
	struct snapshot *s = mem_alloc(sizeof(*s) + domain.n + 1);

	s->core = core;
	list_init(&s->waiters);
	memcpy(s->domain, domain.p, domain.n);
	list_add_tail(&cti_of(core)->snapshots, &s->link);
	return s;
}

static void leave_snapshot(struct waiter *w)
{
	list_remove(&w->link);
	w->snapshot = NULL;
}

static void snapshot_free(struct snapshot *s)
{
	LIST_FOR_EACH(w, &s->waiters, struct waiter, link)
		leave_snapshot(w);
	list_remove(&s->link);
	for (size_t i = 0; i < s->n; i++)
		frame_unref(&s->entries[i].frame);
	arena_free(&s->arena);
	free(s);
}

static struct waiter *waiter_find(const struct cti_client *c)
{
	return map_get(cti_of(c->core)->waiters, str_from(c->sio->id));
}

static struct waiter *waiter_new(struct cti_client *c)
{
	struct waiter *w = mem_alloc(sizeof(*w));

	list_init(&w->link);
	w->client = c;
	w->heard = map_new();
	map_put(cti_of(c->core)->waiters, str_from(c->sio->id), w);
	return w;
}

static void waiter_free(struct waiter *w)
{
	map_remove(cti_of(w->client->core)->waiters, str_from(w->client->sio->id));
	w->client->fresh = 0;
	list_remove(&w->link);
	map_free(&w->heard);
	free(w);
}

static bool is_owed(const struct cti_client *c, const struct cti_channel *ch)
{
	for (size_t i = 0; i < c->room_count; i++)
		if (c->rooms[i].channel == ch)
			return c->fresh & 1U << i;
	return false;
}

static struct cti_channel *room_channel(const struct snapshot *s, struct str suffix)
{
	struct buf name;
	struct cti_channel *channel = NULL;

	buf_init(&name, CORE_NAME_MAX);
	buf_printf(&name, "%s{%s}:%.*s", s->core->settings->prefix, s->domain, (int)suffix.n,
		suffix.p);
	if (!name.overflow)
		channel = channel_find(s->core, buf_str(&name));
	buf_finish(&name);
	return channel;
}

/* id, [ch, <suffix>, m, <message>] */
static void entry_read(struct snapshot *s, const struct redis_reply *from, struct entry *to)
{
	const struct redis_reply *f;
	struct cti_channel *channel;

	if (from->type != REDIS_LIST || from->count != 2 || from->items[1].count < 4)
		return;
	f = from->items[1].items;
	to->at_ms = strtoll(from->items[0].text.p, NULL, 10);
	channel = room_channel(s, f[1].text);
	if (!channel || message_parse(f[3].text, s->arena, &to->m) != ERR_OK ||
		to->m.flags & MESSAGE_ONE_SHOT || !delivery_is_sound(&to->m) ||
		!routing_permits(channel, &to->m, false))
		return;
	to->channel = arena_strdup(s->arena, channel->name);
	to->key = told_key(to->channel, &to->m, s->arena);
	to->frame = delivery_frame(&to->m);
	/* The reply goes, the frame has the array behind its "42". */
	to->m.payload = frame_text(to->frame);
	to->m.payload.p += 2;
	to->m.payload.n -= 2;
}

static void link_newer(struct snapshot *s)
{
	struct map *newest = map_new();

	for (size_t i = s->n; i-- > 0;) {
		struct entry *e = &s->entries[i], *newer;

		if (!e->channel || !e->key.n)
			continue;
		newer = map_put(newest, e->key, e);
		e->newer = newer ? (size_t)(newer - s->entries) : 0;
	}
	map_free(&newest);
}

/* Of the newest first. */
static void snapshot_read(struct snapshot *s, const struct redis_reply *reply)
{
	s->arena = arena_new(4096);
	s->n = reply->count;
	s->entries = arena_alloc(s->arena, (s->n + 1) * sizeof(*s->entries));
	for (size_t i = 0; i < s->n; i++)
		entry_read(s, &reply->items[s->n - 1 - i], &s->entries[i]);
	link_newer(s);
}

static bool is_outdated(const struct waiter *w, const struct entry *e, const struct cti_channel *ch)
{
	const struct entry *all = w->snapshot->entries;

	if (e->key.n && map_get(w->heard, e->key))
		return true;
	for (size_t i = e->newer; i; i = all[i].newer)
		if (delivery_is_for(w->client, ch, &all[i].m))
			return true;
	return false;
}

static void tell_entry(struct waiter *w, const struct entry *e)
{
	struct cti_client *c = w->client;
	struct cti_channel *ch;

	if (!e->channel || e->at_ms < (int64_t)c->since * 1000 - CATCH_UP_BACK_MS)
		return;
	ch = channel_find(c->core, str_from(e->channel));
	if (!ch || !is_owed(c, ch) || is_outdated(w, e, ch))
		return;
	if (delivery_replay(c, ch, &e->m, e->frame) && e->key.n)
		map_put(w->heard, e->key, w);
}

/* What there is room for. */
static void tell_portion(struct waiter *w)
{
	struct snapshot *s = w->snapshot;

	while (w->at < s->n && sio_waiting(w->client->sio) < PORTION_BYTES)
		tell_entry(w, &s->entries[w->at++]);
	arena_reset(cti_of(s->core)->arena);
	if (w->at == s->n)
		waiter_free(w);
}

static void snapshot_tell(struct snapshot *s)
{
	LIST_FOR_EACH(w, &s->waiters, struct waiter, link)
		tell_portion(w);
	if (list_is_empty(&s->waiters))
		snapshot_free(s);
}

static void snapshot_ask(struct snapshot *s);

/* The next one of the domain, if there is one. */
static void ask_for_next(struct core *core, struct str domain)
{
	struct snapshot *next = find_snapshot(core, domain, true);

	if (next && list_is_empty(&next->waiters))
		snapshot_free(next);
	else if (next && !find_snapshot(core, domain, false))
		snapshot_ask(next);
}

/* Once more, when there is a connection. */
static void put_back(struct snapshot *s)
{
	LIST_FOR_EACH(w, &s->waiters, struct waiter, link)
		w->at = 0;
	for (size_t i = 0; i < s->n; i++)
		frame_unref(&s->entries[i].frame);
	s->n = 0;
	arena_free(&s->arena);
	s->state = SNAPSHOT_OPEN;
}

static void on_entries(void *arg, const struct redis_reply *reply)
{
	struct snapshot *s = arg;
	struct cti *cti = cti_of(s->core);

	if (list_is_empty(&s->waiters)) {
		s->state = SNAPSHOT_READY;
		ask_for_next(s->core, str_from(s->domain));
		snapshot_free(s);
		return;
	}
	if (!reply && !pipeline_is_up(s->core->commands)) {
		put_back(s);
		return;
	}
	if (reply && reply->type == REDIS_LIST)
		snapshot_read(s, reply);
	s->state = SNAPSHOT_READ;
	s->echo = ++cti->echoes;
	if (subscriber_echo(s->core->subscriber, s->echo) != ERR_OK)
		put_back(s);
}

static int64_t earliest(const struct snapshot *s)
{
	int64_t at = INT64_MAX;

	LIST_FOR_EACH(w, &s->waiters, struct waiter, link)
		if (w->client->since < at)
			at = w->client->since;
	return at * 1000 - CATCH_UP_BACK_MS;
}

/* Of too many the newest. */
static void snapshot_ask(struct snapshot *s)
{
	struct buf key;
	char from[24];

	snprintf(from, sizeof(from), "%" PRId64, earliest(s));
	buf_init(&key, CORE_NAME_MAX);
	channel_of_domain(&key, s->core->settings->prefix, str_from(s->domain), "recent");
	if (pipeline_send(s->core->commands,
		    REDIS_COMMAND(STR("XREVRANGE"), buf_str(&key), STR("+"), str_from(from),
			    STR("COUNT"), STR(CATCH_UP_COUNT)),
		    on_entries, s) == ERR_OK)
		s->state = SNAPSHOT_ASKED;
	buf_finish(&key);
}

/* Only behind the confirmation of all channels is nothing missed between the snapshot and them. */
static void join_snapshot(struct waiter *w)
{
	struct core *core = w->client->core;
	struct str domain = client_domain(w->client);

	if (w->snapshot || !client_is_confirmed(w->client))
		return;
	w->snapshot = find_snapshot(core, domain, true);
	if (!w->snapshot)
		w->snapshot = snapshot_new(core, domain);
	w->at = 0;
	list_add_tail(&w->snapshot->waiters, &w->link);
	ask_for_next(core, domain);
}

/* In the rooms that are fresh. One that waits already begins again, for its rooms are others. */
static void begin_catch_up(struct cti_client *c)
{
	struct waiter *w = waiter_find(c);

	if (!c->live || (!c->fresh && !w))
		return;
	if (!w)
		w = waiter_new(c);
	leave_snapshot(w);
	join_snapshot(w);
}

void catch_up_note(struct cti_client *c, const struct cti_channel *ch, const struct message *m)
{
	struct waiter *w = c->fresh ? waiter_find(c) : NULL;
	struct str key;

	if (!w || !is_owed(c, ch))
		return;
	key = told_key(ch->name, m, cti_of(c->core)->arena);
	if (key.n && map_count(w->heard) < HEARD_MAX)
		map_put(w->heard, key, w);
	else if (key.n)
		leaving_resync(c);
}

void catch_up_go_on(struct core *core)
{
	LIST_FOR_EACH(s, &cti_of(core)->snapshots, struct snapshot, link) {
		if (s->state == SNAPSHOT_OPEN)
			ask_for_next(core, str_from(s->domain));
		else if (s->state == SNAPSHOT_READY)
			snapshot_tell(s);
	}
}

void catch_up_free_all(struct core *core)
{
	LIST_FOR_EACH(s, &cti_of(core)->snapshots, struct snapshot, link)
		snapshot_free(s);
}

static void on_echo(struct core *core, uint64_t number)
{
	LIST_FOR_EACH(s, &cti_of(core)->snapshots, struct snapshot, link) {
		if (s->state != SNAPSHOT_READ || s->echo != number)
			continue;
		s->state = SNAPSHOT_READY;
		ask_for_next(core, str_from(s->domain));
		snapshot_tell(s);
		return;
	}
}

/* What comes now may have holes: those who wait do so for the next confirmation. One that is asked
 * for stays until its answer. */
static void on_events_down(struct core *core)
{
	LIST_FOR_EACH(s, &cti_of(core)->snapshots, struct snapshot, link) {
		LIST_FOR_EACH(w, &s->waiters, struct waiter, link)
			leave_snapshot(w);
		if (s->state != SNAPSHOT_ASKED)
			snapshot_free(s);
	}
}

static void on_client_confirmed(struct cti_client *c, bool own_channel)
{
	struct waiter *w = c->fresh && c->live ? waiter_find(c) : NULL;

	(void)own_channel;
	if (w)
		join_snapshot(w);
}

static void on_live(struct cti_client *c, bool first)
{
	if (first)
		begin_catch_up(c);
}

static void on_permitted(struct cti_client *c, struct str extensions)
{
	(void)extensions;
	begin_catch_up(c);
}

static void on_retiring(struct cti_client *c)
{
	struct waiter *w = waiter_find(c);

	if (w)
		waiter_free(w);
}

const struct core_listener catch_up_listener = {
	.client_confirmed = on_client_confirmed,
	.live = on_live,
	.permitted = on_permitted,
	.retiring = on_retiring,
	.events_down = on_events_down,
	.echo = on_echo,
};
