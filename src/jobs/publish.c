#include <inttypes.h>

#include "redis/channel.h"
#include "redis/publisher.h"
#include "jobs_priv.h"

#define CHANNEL_MAX      2048
#define MICROS_PER_MILLI 1000

_Static_assert(EVENT_PAYLOAD_MAX <= MESSAGE_PAYLOAD_MAX, "a relay takes what is rendered");

enum err batch_flush(struct batch *b)
{
	struct redis_reply replies[BATCH_MAX];
	size_t n = b->n;

	b->n = 0;
	return n ? redis_pipeline(b->redis, b->commands, n, b->arena, replies) : ERR_OK;
}

enum err batch_add(struct batch *b, struct redis_command command)
{
	b->commands[b->n++] = command;
	return b->n == BATCH_MAX ? batch_flush(b) : ERR_OK;
}

static struct str kept(struct arena *arena, struct buf *b)
{
	struct str s = { arena_strndup(arena, b->p, b->n), b->n };

	buf_finish(b);
	return s;
}

static struct str channel_to(struct batch *b, const struct event *e, const struct receiver *to)
{
	struct buf name;

	buf_init(&name, CHANNEL_MAX);
	if (to->user)
		channel_user(&name, b->prefix, str_from(e->domain), str_from(to->user));
	else
		channel_room(&name, b->prefix, str_from(e->domain), str_from(to->room));
	return kept(b->arena, &name);
}

/* What all messages about the event have in common; its number is their id, the first one's alone. */
static struct message about(const struct event *e, size_t before, struct arena *arena)
{
	return (struct message){
		.id = before ? arena_printf(arena, "%" PRId64 "-%zu", e->id, before)
			     : arena_printf(arena, "%" PRId64, e->id),
		.time_ms = e->created_at / MICROS_PER_MILLI,
	};
}

/* An event on its way to all that hear of it. */
struct telling {
	const struct event *event;
	const void *facts;
	size_t told; /* messages */
};

/* Relays keep the newest of a key for clients that are slow or come late, and order it by that. */
static void put_state(
	struct message *m, const struct event *e, const char *state, struct arena *arena)
{
	m->flags = state ? MESSAGE_VOLATILE | MESSAGE_COALESCE : MESSAGE_ONE_SHOT;
	if (state)
		m->coalesce_key = arena_printf(arena, "%s:%" PRId64, state, e->account_id);
}

static enum err publish_copy(
	struct batch *b, struct telling *t, const struct client_event *c, const struct receiver *to)
{
	const struct copy copy = { t->event, t->facts, to->masked, b->arena };
	struct message m = about(t->event, t->told++, b->arena);
	struct redis_command command;
	enum err e = event_render(c, &copy, &m.payload);

	if (e != ERR_OK)
		return e;
	m.name = c->name;
	put_state(&m, t->event, c->state, b->arena);
	m.skip_users = (struct message_list){ &to->skip_user, to->skip_user ? 1 : 0 };
	e = publisher_message_command(
		b->prefix, channel_to(b, t->event, to), &m, b->arena, &command);
	return e == ERR_OK ? batch_add(b, command) : e;
}

static enum err publish_client_event(
	struct batch *b, struct telling *t, const struct client_event *c)
{
	struct receiver receivers[AUDIENCE_COPIES_MAX];
	size_t n = audience_of(c->to, t->event, receivers);
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && e == ERR_OK; i++)
		e = publish_copy(b, t, c, &receivers[i]);
	return e;
}

enum err publish_to_clients(
	struct batch *b, const struct event_kind *kind, const struct event *event)
{
	struct telling t = { .event = event };
	enum err e = event_facts(kind, event, b->arena, &t.facts);

	for (const struct client_event *c = kind->clients; e == ERR_OK && c->name; c++)
		if (!c->when || c->when(t.facts))
			e = publish_client_event(b, &t, c);
	return e;
}

struct message control_about(const struct event *e, enum message_op op, struct arena *arena)
{
	struct message m = about(e, 0, arena);

	m.kind = MESSAGE_CONTROL;
	m.op = op;
	return m;
}

enum err publish_control(struct batch *b, const struct event *e, const struct message *m)
{
	struct message addressed = *m;
	struct redis_command command;
	struct buf name;
	enum err err;

	addressed.user = e->username;
	buf_init(&name, CHANNEL_MAX);
	channel_of_domain(&name, b->prefix, str_from(e->domain), "ctl");
	err = publisher_message_command(
		b->prefix, kept(b->arena, &name), &addressed, b->arena, &command);
	return err == ERR_OK ? batch_add(b, command) : err;
}

struct message_list words_of(const char *text, struct arena *arena)
{
	struct str rest = str_from(text);
	const char **items = arena_alloc(arena, (rest.n / 2 + 1) * sizeof(*items));
	size_t n = 0;

	while (rest.n) {
		struct str word = str_split(&rest, ' ');

		items[n++] = arena_strndup(arena, word.p, word.n);
	}
	return (struct message_list){ items, n };
}
