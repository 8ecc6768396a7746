#include "jobs/outbox.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "redis/publisher.h"
#include "redis/session_copy.h"
#include "jobs_priv.h"
#include "service/transaction.h"

#define REPLICA_MS "50" /* at most, for the end of a session to reach a replica */

/* Between its values JSON may hold line breaks, a message may not; in strings they are escaped. */
static struct str one_line(struct arena *arena, const char *json)
{
	char *copy = arena_strdup(arena, json);

	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	return str_from(copy);
}

static struct message event_message(struct outbox *o, const struct outbox_event *event)
{
	return (struct message){ .name = event->event,
		.skip_users = { &event->skip_user, event->skip_user ? 1 : 0 },
		.payload = one_line(o->service.arena, event->payload) };
}

static struct message control_message(const struct outbox_event *event, struct arena *arena)
{
	struct message_list sessions = words_of(event->sessions, arena);

	if (strcmp(event->event, "rebind") == 0 && sessions.n == 2)
		return (struct message){ .kind = MESSAGE_CONTROL,
			.op = MESSAGE_REBIND,
			.old_jti = sessions.items[0],
			.new_jti = sessions.items[1] };
	return (struct message){ .kind = MESSAGE_CONTROL, .op = MESSAGE_REVOKE, .jtis = sessions };
}

/* Removes the copies of sessions that ended; of a rebind it is the old one. */
static struct redis_command forget_command(
	struct outbox *o, const struct outbox_event *event, const struct message *m)
{
	struct message_list old =
		m->op == MESSAGE_REBIND ? (struct message_list){ &m->old_jti, 1 } : m->jtis;

	return session_copy_forget(o->prefix, channel_domain(event->channel, o->service.arena),
		old.items, old.n, o->service.arena);
}

/* A relay that asks after the message must not find what the message is about. */
static enum err publish_control(struct outbox *o, const struct outbox_event *event,
	const struct message *m, struct batch *b)
{
	enum err e = batch_add(b, forget_command(o, event, m));

	return e == ERR_OK ? batch_publish(b, o->prefix, event->channel, m) : e;
}

static enum err publish_event(struct outbox *o, const struct outbox_event *event,
	const struct message *m, struct batch *b)
{
	struct redis_command command;
	enum err e = m->payload.n > MESSAGE_PAYLOAD_MAX
			     ? ERR_LIMIT
			     : publisher_message_command(o->prefix, str_from(event->channel), m,
				       o->service.arena, &command);

	return e == ERR_OK ? batch_add(b, command) : e;
}

static enum err publish_one(struct outbox *o, const struct outbox_event *event, struct batch *b)
{
	struct message m =
		event->payload ? event_message(o, event) : control_message(event, o->service.arena);
	enum err e;

	message_stamp(&m, event, o->service.arena);
	e = event->payload ? publish_event(o, event, &m, b) : publish_control(o, event, &m, b);
	if (e != ERR_LIMIT && e != ERR_INVALID)
		return e;
	log_error("event %" PRId64 " (%s) was dropped: %s", event->id, event->event,
		e == ERR_LIMIT ? "it is too large" : "its channel is no user's and no room's");
	return ERR_OK;
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
	e = redis_call(o->redis, REDIS_COMMAND(STR("WAIT"), STR("1"), STR(REPLICA_MS)),
		o->service.arena, &reply);
	return e == ERR_INTERNAL ? ERR_OK : e;
}

static enum err publish(struct outbox *o, const struct outbox_event *events, size_t n)
{
	struct batch b = { .redis = o->redis, .arena = o->service.arena };
	struct permission_list permissions;
	enum err e = permissions_load(o, events, n, &permissions);

	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		if (events[i].is_group)
			continue;
		e = events[i].account_id ? permissions_tell(&permissions, o, &events[i], &b)
					 : publish_one(o, &events[i], &b);
	}
	return e == ERR_OK ? batch_flush(&b) : e;
}

static enum err spread(struct outbox *o, const struct outbox_event *events, size_t n, int64_t limit)
{
	int64_t *ids = arena_alloc(o->service.arena, n * sizeof(*ids));
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (events[i].is_group)
			ids[count++] = events[i].id;
	return count ? outbox_store_spread(&o->service, ids, count, limit) : ERR_OK;
}

static enum err forget(struct outbox *o, const struct outbox_event *events, size_t n)
{
	int64_t *ids = arena_alloc(o->service.arena, n * sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = events[i].id;
	return outbox_store_delete(&o->service, ids, n);
}

struct moving {
	struct outbox *outbox;
	int64_t batch;
	size_t taken;
};

static enum err move(struct service *s, void *arg)
{
	struct moving *m = arg;
	struct outbox *o = m->outbox;
	struct outbox_event *events;
	size_t n;
	bool mine;

	arena_reset(s->arena);
	m->taken = 0;
	enum err e = outbox_store_lock(s, &mine);

	if (e != ERR_OK || !mine)
		return e;
	e = outbox_store_list(s, m->batch, &events, &n);
	if (e != ERR_OK || n == 0)
		return e;
	e = publish(o, events, n);
	if (e == ERR_OK)
		e = wait_for_replica(o, events, n);
	if (e == ERR_OK)
		e = spread(o, events, n, m->batch);
	if (e == ERR_OK)
		e = forget(o, events, n);
	if (e == ERR_OK)
		m->taken = n;
	return e;
}

enum err outbox_drain(struct outbox *o, int64_t batch, size_t *ret_taken)
{
	struct moving m = { o, batch, 0 };
	enum err e = service_transaction(&o->service, move, &m);

	if (e == ERR_OK)
		*ret_taken = m.taken;
	return e;
}
