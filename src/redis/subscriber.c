#include "redis/subscriber.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

#define SUBSCRIBER_BATCH 256

/* Redis answers every channel of every (un)subscribe command in order, so counting both sides tells
 * which command an answer belongs to: an old answer for a channel removed and added again since does
 * not confirm it. */
struct subscriber {
	struct pipeline *pipeline;
	struct pipeline_owner below;
	const struct subscriber_owner *owner;
	struct map *names; /* to struct subscription */
	uint64_t sent, answered;
};

static struct str name_of(const struct subscription *sub)
{
	return (struct str){ sub->name, sub->name_n };
}

/* Sends a command for channels whose subscriptions are given; for an unsubscribe they are not. */
static void send_names(struct subscriber *s, const char *verb, const struct str *names, size_t n)
{
	struct str args[SUBSCRIBER_BATCH + 1] = { str_from(verb) };

	for (size_t i = 0; i < n; i++)
		args[1 + i] = names[i];
	if (pipeline_send(s->pipeline, (struct redis_command){ args, n + 1 }, NULL, NULL) == ERR_OK)
		s->sent += n;
}

static void send_one(struct subscriber *s, struct subscription *sub)
{
	struct str name = name_of(sub);

	if (!pipeline_is_up(s->pipeline))
		return;
	send_names(s, "SUBSCRIBE", &name, 1);
	sub->op = s->sent;
}

static void on_up(void *arg)
{
	struct subscriber *s = arg;
	struct str batch[SUBSCRIBER_BATCH], name;
	void *value;
	size_t at = 0, n = 0;

	s->sent = s->answered = 0;
	while (map_next(s->names, &at, &name, &value)) {
		struct subscription *sub = value;

		sub->op = s->sent + n + 1;
		batch[n++] = name_of(sub);
		if (n == SUBSCRIBER_BATCH) {
			send_names(s, "SUBSCRIBE", batch, n);
			n = 0;
		}
	}
	if (n)
		send_names(s, "SUBSCRIBE", batch, n);
}

static void on_down(void *arg)
{
	struct subscriber *s = arg;
	struct str name;
	void *value;
	size_t at = 0;

	while (map_next(s->names, &at, &name, &value)) {
		struct subscription *sub = value;

		sub->confirmed = false;
		sub->op = 0;
	}
	s->owner->on_down(s->owner->arg);
}

static void on_answer(struct subscriber *s, struct str verb, struct str name)
{
	struct subscription *sub = map_get(s->names, name);

	s->answered++;
	if (!str_is(verb, "subscribe") || !sub || sub->op != s->answered)
		return;
	sub->confirmed = true;
	s->owner->on_confirmed(s->owner->arg, sub);
}

/* Those of the pipeline itself carry no number. */
static void on_pong(struct subscriber *s, struct str number)
{
	if (number.n && s->owner->on_echo)
		s->owner->on_echo(s->owner->arg, strtoull(number.p, NULL, 10));
}

static void on_push(void *arg, const struct redis_reply *reply)
{
	struct subscriber *s = arg;
	struct subscription *sub;
	struct str verb;

	/* A PONG before the first subscription is no list, one after it has two items. */
	if (!reply || reply->type != REDIS_LIST)
		return;
	if (reply->count == 2 && str_is(reply->items[0].text, "pong"))
		on_pong(s, reply->items[1].text);
	if (reply->count != 3)
		return;
	verb = reply->items[0].text;
	if (!str_is(verb, "message")) {
		on_answer(s, verb, reply->items[1].text);
		return;
	}
	sub = map_get(s->names, reply->items[1].text);
	if (sub)
		s->owner->on_message(s->owner->arg, sub, reply->items[2].text);
}

static void watch(void *arg, int fd, bool output)
{
	struct subscriber *s = arg;

	s->owner->watch(s->owner->arg, fd, output);
}

struct subscriber *subscriber_new(
	const struct redis_address *address, const struct subscriber_owner *owner)
{
	struct subscriber *s = mem_alloc(sizeof(*s));

	s->owner = owner;
	s->names = map_new();
	s->below = (struct pipeline_owner){ watch, on_up, on_down, on_push, s };
	s->pipeline = pipeline_new(address, &s->below);
	return s;
}

void subscriber_free(struct subscriber **s)
{
	if (!*s)
		return;
	pipeline_free(&(*s)->pipeline);
	map_free(&(*s)->names);
	free(*s);
	*s = NULL;
}

struct pipeline *subscriber_pipeline(struct subscriber *s)
{
	return s->pipeline;
}

void subscriber_add(struct subscriber *s, struct subscription *sub, struct str name)
{
	*sub = (struct subscription){ .name = name.p, .name_n = (uint16_t)name.n };
	map_put(s->names, name, sub);
	send_one(s, sub);
}

void subscriber_remove(struct subscriber *s, struct subscription *sub)
{
	struct str name = name_of(sub);

	map_remove(s->names, name);
	if (sub->op)
		send_names(s, "UNSUBSCRIBE", &name, 1);
}

enum err subscriber_echo(struct subscriber *s, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return pipeline_send(s->pipeline, REDIS_COMMAND(STR("PING"), str_from(text)), NULL, NULL);
}

struct subscription *subscriber_find(struct subscriber *s, struct str name)
{
	return map_get(s->names, name);
}
