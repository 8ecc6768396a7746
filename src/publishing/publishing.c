#include "publishing/publishing.h"

#include <inttypes.h>

#include "base/event_name.h"
#include "redis/channel.h"
#include "redis/publisher.h"

#define CHANNEL_MAX      2048
#define MICROS_PER_MILLI 1000
#define ORDER_AGE_MS     10000

_Static_assert(EVENT_PAYLOAD_MAX <= MESSAGE_PAYLOAD_MAX, "a relay takes what is rendered");

static struct str in_arena(struct arena *arena, struct buf *b)
{
	struct str s = { arena_strndup(arena, b->p, b->n), b->n };

	buf_finish(b);
	return s;
}

/* What makes a client act comes where only our own programs may publish (cti-api 3.1). */
static struct str channel_to(const struct publishing *p, const struct client_event *c,
	const struct event *e, const struct receiver *to)
{
	struct buf name;

	buf_init(&name, CHANNEL_MAX);
	if (event_name_acts(c->name))
		channel_of_domain(&name, p->prefix, str_from(e->domain), "ctl");
	else if (to->user)
		channel_user(&name, p->prefix, str_from(e->domain), str_from(to->user));
	else
		channel_room(&name, p->prefix, str_from(e->domain), str_from(to->room));
	return in_arena(p->arena, &name);
}

/* What all messages about the event have in common; its number is their id, the first one's alone. */
static struct message about(const struct event *e, size_t before, struct arena *arena)
{
	return (struct message){
		.id = before ? arena_printf(arena, "%" PRId64 "-%zu", e->id, before)
			     : arena_printf(arena, "%" PRId64, e->id),
		.request_id = e->request_id,
		.time_ms = e->created_at / MICROS_PER_MILLI,
	};
}

/* An event on its way to all that hear of it. */
struct telling {
	const struct event *event;
	const void *facts;
	size_t told; /* messages */
};

static const char *coalesce_key(const struct client_event *c, const struct copy *copy)
{
	return c->key ? c->key(copy)
		      : arena_printf(copy->arena, "%s:%" PRId64, c->state, copy->event->account_id);
}

/* Relays keep the newest of a key for clients that are slow or come late, and order it by that. */
static void put_state(struct message *m, const struct client_event *c, const struct copy *copy)
{
	bool is_state = c->state || c->key;

	m->flags = is_state ? MESSAGE_VOLATILE | MESSAGE_COALESCE : MESSAGE_ONE_SHOT;
	if (is_state)
		m->coalesce_key = coalesce_key(c, copy);
}

/* A client that acts much later surprises its user. */
static void put_order(struct message *m, const struct receiver *to)
{
	m->user = to->user;
	m->max_age_ms = ORDER_AGE_MS;
}

/* With the first copy, which is the one that comes to the user: its state is there before anyone hears of it. */
static enum err state_of(
	const struct client_event *c, const struct copy *copy, struct publisher_state *ret)
{
	struct copy clear = *copy;
	struct json_writer w;
	struct buf text;
	const char *value;

	*ret = (struct publisher_state){ STR(""), STR("") };
	if (!c->kept_name)
		return ERR_OK;
	clear.view = VIEW_CLEAR;
	buf_init(&text, EVENT_PAYLOAD_MAX);
	json_writer_init(&w, &text);
	c->kept_value(&w, &clear);
	value = buf_to_arena(&text, copy->arena);
	if (value)
		*ret = (struct publisher_state){ str_from(c->kept_name(&clear)), str_from(value) };
	return value ? ERR_OK : ERR_LIMIT;
}

static enum err publish_copy(const struct publishing *p, struct telling *t,
	const struct client_event *c, const struct receiver *to, bool is_first)
{
	const struct copy copy = { t->event, t->facts, to->view, p->arena };
	struct publisher_state state = { STR(""), STR("") };
	struct message m = about(t->event, t->told++, p->arena);
	struct str channel = channel_to(p, c, t->event, to);
	struct redis_command command;
	enum err e = event_render(c, &copy, &m.payload);

	if (e == ERR_OK && is_first)
		e = state_of(c, &copy, &state);
	if (e != ERR_OK)
		return e;
	m.name = c->name;
	put_state(&m, c, &copy);
	if (event_name_acts(c->name))
		put_order(&m, to);
	m.skip_users = (struct message_list){ &to->skip_user, to->skip_user ? 1 : 0 };
	e = publisher_message_command(p->prefix, channel, &m, &state, p->arena, &command);
	return e == ERR_OK ? p->take(p->ctx, command, to->user ? (struct str){ 0 } : channel) : e;
}

static enum err publish_client_event(
	const struct publishing *p, struct telling *t, const struct client_event *c)
{
	struct receiver receivers[AUDIENCE_COPIES_MAX];
	size_t n = audience_of(c->to, t->event, receivers);
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && e == ERR_OK; i++)
		e = publish_copy(p, t, c, &receivers[i], i == 0);
	return e;
}

enum err publish_event(const struct publishing *p, const struct event_kind *kind,
	const struct event *event, const void *facts)
{
	struct telling t = { .event = event, .facts = facts };
	enum err e = ERR_OK;

	for (const struct client_event *c = kind->clients; c && c->name && e == ERR_OK; c++)
		if (!c->when || c->when(facts))
			e = publish_client_event(p, &t, c);
	return e;
}

struct message control_about(const struct event *e, enum message_op op, struct arena *arena)
{
	struct message m = about(e, 0, arena);

	m.kind = MESSAGE_CONTROL;
	m.op = op;
	return m;
}

enum err publish_control(const struct publishing *p, const struct event *e, const struct message *m)
{
	struct message addressed = *m;
	struct redis_command command;
	struct buf name;
	enum err err;

	addressed.user = e->username;
	buf_init(&name, CHANNEL_MAX);
	channel_of_domain(&name, p->prefix, str_from(e->domain), "ctl");
	err = publisher_message_command(
		p->prefix, in_arena(p->arena, &name), &addressed, NULL, p->arena, &command);
	return err == ERR_OK ? p->take(p->ctx, command, (struct str){ 0 }) : err;
}
