#include "jobs/outbox.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "bus/channel.h"
#include "bus/message.h"
#include "store/outbox_store.h"

#define PIPELINE_MAX     64
#define CHANNEL_MAX      2048
#define MICROS_PER_MILLI 1000

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

/* False when no relay would take it: too large. */
static bool message_make(struct outbox *o, const struct outbox_event *event, struct str *ret)
{
	struct buf out;
	bool ok;
	const struct message m = {
		.id = arena_printf(o->arena, "%" PRId64, event->id),
		.time_ms = event->created_at / MICROS_PER_MILLI,
		.name = event->event,
		.payload = one_line(o->arena, event->payload),
	};

	if (m.payload.n > MESSAGE_PAYLOAD_MAX)
		return false;
	buf_init(&out, MESSAGE_MAX);
	message_write(&out, &m);
	ok = !out.overflow;
	*ret = kept(o->arena, &out);
	return ok;
}

static struct redis_command publish_command(
	struct outbox *o, const struct outbox_event *event, struct str message)
{
	struct str *args = arena_alloc(o->arena, 3 * sizeof(*args));
	struct buf name;

	buf_init(&name, CHANNEL_MAX);
	channel_suffixed(&name, o->prefix, str_from(event->channel));
	args[0] = STR("PUBLISH");
	args[1] = kept(o->arena, &name);
	args[2] = message;
	return (struct redis_command){ args, 3 };
}

static enum err publish_some(struct outbox *o, const struct outbox_event *events, size_t n)
{
	struct redis_command commands[PIPELINE_MAX];
	struct redis_reply replies[PIPELINE_MAX];
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		struct str message;

		if (message_make(o, &events[i], &message))
			commands[count++] = publish_command(o, &events[i], message);
		else
			log_error("event %" PRId64 " (%s) is too large and was dropped",
				events[i].id, events[i].event);
	}
	return count ? redis_pipeline(o->redis, commands, count, o->arena, replies) : ERR_OK;
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
