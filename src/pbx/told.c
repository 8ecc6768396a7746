#include "pbx/told.h"

#include <stdlib.h>

#include "base/json_slice.h"
#include "base/map.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "store_priv.h"

#define KEY_MAX      2048
#define PRESENCE_MAX 32

struct told {
	struct told_owner owner;
	struct pbx *core; /* NULL: not wanted any more */
	bool forget_calls;
	size_t in_flight; /* the last one is that of the reading, those before it are of one that was given up */
	struct arena *arena; /* of the domains */
	struct arena *reply; /* of one of them */
	struct pbx_domain *domains;
	size_t n, at;
};

struct told *told_new(const struct told_owner *owner)
{
	struct told *t = mem_alloc(sizeof(*t));

	t->owner = *owner;
	t->arena = arena_new(1024);
	t->reply = arena_new(4096);
	return t;
}

void told_free(struct told **t)
{
	if (!*t)
		return;
	arena_free(&(*t)->arena);
	arena_free(&(*t)->reply);
	free(*t);
	*t = NULL;
}

void told_stop(struct told *t)
{
	t->core = NULL;
}

static struct str key_of(struct told *t)
{
	struct buf name;
	const char *key;

	buf_init(&name, KEY_MAX);
	channel_of_domain(&name, t->owner.prefix, str_from(t->domains[t->at].domain), "st");
	key = buf_to_arena(&name, t->reply);
	return str_from(key);
}

static void finish(struct told *t, enum err e)
{
	t->core = NULL;
	t->owner.on_read(t->owner.arg, e);
}

/* Usernames to their mainPresence, of the fields "main:<username>". */
static struct map *presences(struct told *t, const struct redis_reply *hash)
{
	struct map *ret = map_new();

	for (size_t i = 0; i + 1 < hash->count; i += 2) {
		struct str name = hash->items[i].text, value = hash->items[i + 1].text;
		char *text = arena_alloc(t->reply, PRESENCE_MAX);
		size_t n;

		if (str_cut_prefix(&name, "main:") && json_slice_is_valid(value) &&
			json_slice_text(value, text, PRESENCE_MAX, &n))
			map_put(ret, name, text);
	}
	return ret;
}

static void remember(struct told *t, struct str json, const struct map *of_users)
{
	struct exten_state x;

	if (exten_state_read(json, t->reply, &x) == ERR_OK)
		pbx_remember(t->core, t->domains[t->at].domain, &x,
			map_get(of_users, str_from(x.username)));
}

static void forget(struct told *t, struct str field)
{
	(void)!pipeline_send(
		t->owner.pipeline, REDIS_COMMAND(STR("HDEL"), key_of(t), field), NULL, NULL);
}

static void read_hash(struct told *t, const struct redis_reply *hash)
{
	struct map *of_users = presences(t, hash);

	for (size_t i = 0; i + 1 < hash->count; i += 2) {
		struct str field = hash->items[i].text;

		if (str_starts(field, "exten:"))
			remember(t, hash->items[i + 1].text, of_users);
		else if (t->forget_calls && str_starts(field, "call:"))
			forget(t, field);
	}
	map_free(&of_users);
}

static void ask(struct told *t);

static void on_hash(void *arg, const struct redis_reply *reply)
{
	struct told *t = arg;
	bool is_current = --t->in_flight == 0 && t->core;

	if (is_current && !reply) {
		finish(t, ERR_UNAVAILABLE);
	} else if (is_current) {
		read_hash(t, reply);
		t->at++;
		ask(t);
	}
	arena_reset(t->reply);
}

static void ask(struct told *t)
{
	if (t->at == t->n)
		finish(t, ERR_OK);
	else if (pipeline_send(t->owner.pipeline, REDIS_COMMAND(STR("HGETALL"), key_of(t)), on_hash,
			 t) == ERR_OK)
		t->in_flight++;
	else
		finish(t, ERR_UNAVAILABLE);
}

enum err told_read(struct told *t, struct pbx *core, bool forget_calls)
{
	enum err e;

	arena_reset(t->arena);
	e = pbx_store_domains(t->owner.pg, t->arena, &t->domains, &t->n);
	if (e != ERR_OK)
		return e;
	t->core = core;
	t->forget_calls = forget_calls;
	t->at = 0;
	ask(t);
	return ERR_OK;
}
