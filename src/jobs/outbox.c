#include "jobs/outbox.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "bus/channel.h"
#include "bus/message.h"
#include "bus/publisher.h"
#include "store/outbox_store.h"

#define PIPELINE_MAX     64
#define CHANNEL_MAX      2048
#define COMMANDS_MAX     2
#define MICROS_PER_MILLI 1000
#define REPLICA_MS       "50" /* at most, for the end of a session to reach a replica */

/* Between its values JSON may hold line breaks, a message may not; in strings they are escaped. */
static struct str one_line(struct arena *arena, const char *json)
{
	char *copy = arena_strdup(arena, json);

	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	return str_from(copy);
}

static struct str kept(struct arena *arena, struct buf *b)
{
	struct str s = { arena_strndup(arena, b->p, b->n), b->n };

	buf_finish(b);
	return s;
}

/* The ids of a control message; blanks separate them. */
static struct message_list sessions_of(struct outbox *o, const struct outbox_event *event)
{
	struct str rest = str_from(event->sessions);
	const char **items = arena_alloc(o->arena, (rest.n / 2 + 1) * sizeof(*items));
	size_t n = 0;

	while (rest.p) {
		struct str id = str_split(&rest, ' ');

		items[n++] = arena_strndup(o->arena, id.p, id.n);
	}
	return (struct message_list){ items, n };
}

static struct message event_message(struct outbox *o, const struct outbox_event *event)
{
	return (struct message){ .name = event->event,
		.payload = one_line(o->arena, event->payload) };
}

static struct message control_message(
	const struct outbox_event *event, const struct message_list *sessions)
{
	if (strcmp(event->event, "rebind") == 0 && sessions->n == 2)
		return (struct message){ .kind = MESSAGE_CONTROL,
			.op = MESSAGE_REBIND,
			.old_jti = sessions->items[0],
			.new_jti = sessions->items[1] };
	return (struct message){ .kind = MESSAGE_CONTROL, .op = MESSAGE_REVOKE, .jtis = *sessions };
}

static struct str suffixed(struct outbox *o, struct str suffix)
{
	struct buf name;

	buf_init(&name, CHANNEL_MAX);
	channel_suffixed(&name, o->prefix, suffix);
	return kept(o->arena, &name);
}

/* Control messages are not counted: whoever missed one finds out by looking. */
static enum err publish_command(struct outbox *o, const struct outbox_event *event,
	const struct message *m, struct redis_command *ret)
{
	struct str *args = arena_alloc(o->arena, 3 * sizeof(*args));
	struct buf text;
	bool fits;

	if (m->payload.n > MESSAGE_PAYLOAD_MAX)
		return ERR_LIMIT;
	if (m->kind == MESSAGE_EVENT)
		return publisher_message_command(
			o->prefix, str_from(event->channel), m, o->arena, ret);
	buf_init(&text, MESSAGE_MAX);
	message_write(&text, m);
	fits = !text.overflow;
	args[0] = STR("PUBLISH");
	args[1] = suffixed(o, str_from(event->channel));
	args[2] = kept(o->arena, &text);
	*ret = (struct redis_command){ args, 3 };
	return fits ? ERR_OK : ERR_LIMIT;
}

/* "{domain}" of the channel "{domain}:u:alice". */
static struct str domain_tag(const struct outbox_event *event)
{
	struct str rest = str_from(event->channel);
	struct str tag = str_split(&rest, '}');

	return (struct str){ tag.p, tag.n + (rest.p != NULL) };
}

/* Removes the copies of sessions that ended; of a rebind it is the old one. */
static struct redis_command forget_command(
	struct outbox *o, const struct outbox_event *event, const struct message *m)
{
	struct str tag = domain_tag(event),
		   *args = arena_alloc(o->arena, (m->jtis.n + 2) * sizeof(*args));
	struct message_list old =
		m->op == MESSAGE_REBIND ? (struct message_list){ &m->old_jti, 1 } : m->jtis;

	args[0] = STR("DEL");
	for (size_t i = 0; i < old.n; i++)
		args[i + 1] = suffixed(o, str_from(arena_printf(o->arena, "%.*s:tok:%s", (int)tag.n,
						  tag.p, old.items[i])));
	return (struct redis_command){ args, old.n + 1 };
}

/* Adds what has to be said to Redis for one event: at most COMMANDS_MAX. */
static size_t add_commands(
	struct outbox *o, const struct outbox_event *event, struct redis_command *commands)
{
	struct message_list sessions = sessions_of(o, event);
	struct message m =
		event->payload ? event_message(o, event) : control_message(event, &sessions);
	size_t n = 0;
	enum err e;

	m.id = arena_printf(o->arena, "%" PRId64, event->id);
	m.time_ms = event->created_at / MICROS_PER_MILLI;
	/* A relay that asks after the message must not find what the message is about. */
	if (m.kind == MESSAGE_CONTROL)
		commands[n++] = forget_command(o, event, &m);
	e = publish_command(o, event, &m, &commands[n]);
	if (e == ERR_OK)
		n++;
	else
		log_error("event %" PRId64 " (%s) was dropped: %s", event->id, event->event,
			e == ERR_LIMIT ? "it is too large"
				       : "its channel is no user's and no room's");
	return n;
}

static enum err publish_some(struct outbox *o, const struct outbox_event *events, size_t n)
{
	struct redis_command commands[PIPELINE_MAX * COMMANDS_MAX];
	struct redis_reply replies[PIPELINE_MAX * COMMANDS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += add_commands(o, &events[i], commands + count);
	return count ? redis_pipeline(o->redis, commands, count, o->arena, replies) : ERR_OK;
}

/* A fail-over to a replica that has not heard of it would bring a session that has ended back. A user
 * of Redis who may not wait does not. */
static enum err wait_for_replica(struct outbox *o, const struct outbox_event *events, size_t n)
{
	struct redis_reply reply;
	bool ends_sessions = false;
	enum err e;

	for (size_t i = 0; i < n; i++)
		ends_sessions |= !events[i].payload;
	if (!o->has_replicas || !ends_sessions)
		return ERR_OK;
	e = redis_call(
		o->redis, REDIS_COMMAND(STR("WAIT"), STR("1"), STR(REPLICA_MS)), o->arena, &reply);
	return e == ERR_INTERNAL ? ERR_OK : e;
}

static enum err publish(struct outbox *o, const struct outbox_event *events, size_t n)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && e == ERR_OK; i += PIPELINE_MAX)
		e = publish_some(o, events + i, n - i < PIPELINE_MAX ? n - i : PIPELINE_MAX);
	return e;
}

static enum err forget(struct outbox *o, const struct outbox_event *events, size_t n)
{
	int64_t *ids = arena_alloc(o->arena, n * sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = events[i].id;
	return outbox_store_delete(o->store, ids, n);
}

/* Inside the transaction. */
static enum err move(struct outbox *o, int64_t batch, size_t *ret_taken)
{
	struct outbox_event *events;
	size_t n;
	bool mine;
	enum err e = outbox_store_lock(o->store, &mine);

	if (e != ERR_OK || !mine)
		return e;
	e = outbox_store_list(o->store, o->arena, batch, &events, &n);
	if (e != ERR_OK || n == 0)
		return e;
	e = publish(o, events, n);
	if (e == ERR_OK)
		e = wait_for_replica(o, events, n);
	if (e == ERR_OK)
		e = forget(o, events, n);
	if (e == ERR_OK)
		*ret_taken = n;
	return e;
}

enum err outbox_drain(struct outbox *o, int64_t batch, size_t *ret_taken)
{
	size_t taken = 0;
	enum err e = store_begin(o->store);

	arena_reset(o->arena);
	if (e == ERR_OK)
		e = move(o, batch, &taken);
	if (e == ERR_OK)
		e = store_commit(o->store);
	else
		store_rollback(o->store);
	if (e == ERR_OK)
		*ret_taken = taken;
	return e;
}
