#include "pbx/teller.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sample.h"
#include "pbx/listeners.h"
#include "publishing/publishing.h"
#include "redis/channel.h"

#define ARENA_BYTES 65536
#define FLIGHT_MAX  8192 /* commands without an answer */
#define WAIT_MS     1000 /* for some of them */
#define KEY_MAX     2048
#define CALL_MAX    8192

struct teller {
	struct pipeline *pipeline;
	const struct redis_watch *watch;
	struct listeners *listeners;
	bool may_wait;
	const char *prefix;
	struct arena *arena; /* of one event */
	int64_t last_id;
	size_t in_flight;
	bool lost;
	struct sample complaints;
	struct teller_figures figures;
};

static void on_reply(void *arg, const struct redis_reply *reply)
{
	struct teller *t = arg;

	t->in_flight--;
	if (reply) {
		t->figures.published++;
		return;
	}
	t->figures.failed++;
	t->lost = true;
}

/* All states of a large site are more than can be under way at once. */
static void wait_for_answers(struct teller *t)
{
	int64_t end = clock_ms() + WAIT_MS;

	while (t->in_flight > FLIGHT_MAX / 2 && t->watch->fd >= 0 && clock_ms() < end) {
		struct pollfd p = { t->watch->fd,
			(short)(POLLIN | (t->watch->output ? POLLOUT : 0)), 0 };

		if (poll(&p, 1, WAIT_MS) > 0)
			pipeline_on_ready(t->pipeline, p.revents & (POLLIN | POLLHUP | POLLERR),
				p.revents & POLLOUT);
	}
}

static enum err send(struct teller *t, struct redis_command command)
{
	enum err e = t->in_flight < FLIGHT_MAX ? pipeline_send(t->pipeline, command, on_reply, t)
					       : ERR_UNAVAILABLE;

	if (e == ERR_OK) {
		t->in_flight++;
		return ERR_OK;
	}
	t->figures.failed++;
	t->lost = true;
	return e;
}

static void send_kept(void *arg, struct redis_command command)
{
	struct teller *t = arg;

	t->figures.skipped--;
	(void)send(t, command);
}

static enum err take(void *ctx, struct redis_command command, struct str room)
{
	struct teller *t = ctx;

	if (t->in_flight >= FLIGHT_MAX && t->may_wait)
		wait_for_answers(t);
	if (!room.p || !pipeline_is_up(t->pipeline) || !listeners_keep(t->listeners, room, command))
		return send(t, command);
	t->figures.skipped++;
	return ERR_OK;
}

struct teller *teller_new(
	struct pipeline *pipeline, const struct redis_watch *watch, const char *prefix)
{
	struct teller *t = mem_alloc(sizeof(*t));

	t->pipeline = pipeline;
	t->watch = watch;
	t->may_wait = true;
	t->listeners = listeners_new(pipeline, send_kept, t);
	t->prefix = prefix;
	t->arena = arena_new(ARENA_BYTES);
	return t;
}

void teller_free(struct teller **t)
{
	if (!*t)
		return;
	listeners_free(&(*t)->listeners);
	arena_free(&(*t)->arena);
	free(*t);
	*t = NULL;
}

void teller_may_wait(struct teller *t, bool may)
{
	t->may_wait = may;
}

int64_t teller_look(struct teller *t, int64_t now_ms)
{
	return listeners_look(t->listeners, now_ms);
}

void teller_on_down(struct teller *t)
{
	t->lost = true;
	listeners_forget(t->listeners);
}

/* Grows, over restarts too: relays and logs know a message by it. */
static int64_t next_id(struct teller *t)
{
	int64_t now = clock_wall_us();

	t->last_id = now > t->last_id ? now : t->last_id + 1;
	return t->last_id;
}

void teller_tell(struct teller *t, enum event_id kind, const struct event *about, const void *facts)
{
	const struct publishing p = { t->prefix, t->arena, take, t };
	struct event e = *about;
	enum err err;

	e.id = next_id(t);
	if (!e.created_at)
		e.created_at = e.id;
	err = publish_event(&p, &event_kinds[kind], &e, facts);
	if (err != ERR_OK && err != ERR_UNAVAILABLE &&
		sample_take(&t->complaints, clock_ms(), NULL))
		log_warn("an event of the kind %s cannot be told: it is too large",
			event_kinds[kind].name);
	arena_reset(t->arena);
}

static struct str state_key(struct teller *t, const char *domain)
{
	struct buf name;
	const char *key;

	buf_init(&name, KEY_MAX);
	channel_of_domain(&name, t->prefix, str_from(domain), "st");
	key = buf_to_arena(&name, t->arena);
	return str_from(key);
}

static void put_address(
	struct json_writer *w, const char *key, struct arena *arena, const struct pbx_address *a)
{
	if (!a->user)
		return;
	json_key(w, key);
	json_text(w, arena_printf(arena, "%s@%s", a->user, a->domain));
}

static const char *call_json(struct arena *arena, const struct pbx_event *call)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, CALL_MAX);
	json_writer_init(&w, &text);
	json_object_begin(&w);
	json_key(&w, "call_id");
	json_text(&w, call->call_id);
	json_key(&w, "dialog");
	json_text(&w, call->dialog);
	put_address(&w, "from", arena, &call->from);
	put_address(&w, "to", arena, &call->to);
	put_address(&w, "device", arena, &call->device);
	json_object_end(&w);
	return buf_to_arena(&text, arena);
}

void teller_keep_call(
	struct teller *t, const char *domain, const char *linked_id, const struct pbx_event *call)
{
	struct str key = state_key(t, domain);
	struct str field = str_from(arena_printf(t->arena, "call:%s", linked_id));
	const char *value = call ? call_json(t->arena, call) : NULL;

	if (value)
		(void)send(t, REDIS_COMMAND(STR("HSET"), key, field, str_from(value)));
	else
		(void)send(t, REDIS_COMMAND(STR("HDEL"), key, field));
	arena_reset(t->arena);
}

bool teller_was_lost(struct teller *t)
{
	bool lost = t->lost;

	t->lost = false;
	return lost;
}

void teller_note_loss(struct teller *t)
{
	t->lost = true;
}

struct teller_figures teller_figures(const struct teller *t)
{
	struct teller_figures f = t->figures;

	f.connected = pipeline_is_up(t->pipeline);
	return f;
}
