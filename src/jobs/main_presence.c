/*
 * The main presence of a user who has chosen another one (cti-api 2.9), where dialtone-pbx tells what their phones do: it
 * follows from both, and is told when it changes.  If the phones change while this is told, the later of the two messages
 * may be the older one; the next change of either mends it.
 */
#include <string.h>

#include "events/exten_state.h"
#include "jobs_priv.h"
#include "redis/channel.h"
#include "resources/live_states/live_states.h"
#include "resources/profiles/profile.h"

#define KEY_MAX 1024

bool main_presence_is_concerned(const struct event *e, struct arena *arena)
{
	const struct event_kind *kind = &event_kinds[EVENT_PRESENCE_CHANGED];
	const struct presence_facts *facts;
	const void *read;

	if (strcmp(e->kind, kind->name) != 0 || event_facts(kind, e, arena, &read) != ERR_OK)
		return false;
	facts = read;
	return facts->which && strcmp(facts->which, "now") == 0 && facts->status;
}

/* What is known of a user's phones, and what was told of the user. */
struct known {
	enum exten_status strongest;
	const char *told; /* NULL: nothing */
};

/* HMGET key main:<username> exten:<id>... */
static struct redis_command question(
	struct batch *b, const struct event *e, const struct message_list *extens)
{
	struct str *args = arena_alloc(b->arena, (extens->n + 3) * sizeof(*args));
	struct buf key;

	buf_init(&key, KEY_MAX);
	channel_of_domain(&key, b->prefix, str_from(e->domain), "st");
	args[0] = STR("HMGET");
	args[1] = str_from(buf_to_arena(&key, b->arena));
	args[2] = str_from(arena_printf(b->arena, "main:%s", e->username));
	for (size_t i = 0; i < extens->n; i++)
		args[3 + i] = str_from(arena_printf(b->arena, "exten:%s", extens->items[i]));
	return (struct redis_command){ args, extens->n + 3 };
}

/* Behind what is told before: the same user may have chosen twice. */
static enum err read_known(struct batch *b, const struct event *e,
	const struct message_list *extens, struct known *ret)
{
	struct redis_reply reply;
	struct exten_state x;
	enum err err = batch_flush(b);

	*ret = (struct known){ .strongest = EXTEN_OFFLINE };
	if (err == ERR_OK)
		err = redis_call(b->redis, question(b, e, extens), b->arena, &reply);
	if (err != ERR_OK || reply.type != REDIS_LIST || reply.count == 0)
		return err;
	ret->told = live_main_presence(b->arena, reply.items[0].text);
	for (size_t i = 1; i < reply.count; i++)
		if (reply.items[i].type == REDIS_TEXT &&
			exten_state_read(reply.items[i].text, b->arena, &x) == ERR_OK &&
			x.status < ret->strongest)
			ret->strongest = x.status;
	return ERR_OK;
}

/* Calls may go elsewhere now, though it is called the same. */
static bool is_news(const struct known *k, const struct main_presence_facts *facts)
{
	return !k->told || strcmp(k->told, facts->status) != 0 || facts->to;
}

enum err main_presence_tell(
	struct batch *b, const struct permission_list *permissions, const struct event *event)
{
	const struct account_permissions *account =
		permissions_find(permissions, event->account_id);
	const struct event_kind *kind = &event_kinds[EVENT_PRESENCE_CHANGED];
	struct event told = *event;
	struct main_presence_facts facts;
	struct message_list extens;
	struct known known;
	const void *read;
	enum err e = event_facts(kind, event, b->arena, &read);

	if (e != ERR_OK || !account || !event->username)
		return e;
	const struct presence_facts *chosen = read;

	extens = words_of(account->grants.extensions, b->arena);
	e = read_known(b, event, &extens, &known);
	if (e != ERR_OK)
		return e;
	facts.status = main_presence(chosen->status, known.strongest);
	facts.to = strcmp(facts.status, "callforward") == 0 ? chosen->to : NULL;
	told.id = -event->id; /* that of another event than the choice itself */
	return is_news(&known, &facts)
		       ? batch_event_with(
				 b, &event_kinds[EVENT_MAIN_PRESENCE_CHANGED], &told, &facts)
		       : ERR_OK;
}
