#include "jobs_priv.h"

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

/* Whether anyone hears it or not: outbox events are few. */
static enum err take(void *ctx, struct redis_command command, struct str room)
{
	(void)room;
	return batch_add(ctx, command);
}

static struct publishing publishing_of(struct batch *b)
{
	return (struct publishing){ b->prefix, b->arena, take, b };
}

enum err batch_event_with(struct batch *b, const struct event_kind *kind, const struct event *event,
	const void *facts)
{
	const struct publishing p = publishing_of(b);

	return publish_event(&p, kind, event, facts);
}

enum err batch_event(struct batch *b, const struct event_kind *kind, const struct event *event)
{
	const void *facts;
	enum err e = event_facts(kind, event, b->arena, &facts);

	return e == ERR_OK ? batch_event_with(b, kind, event, facts) : e;
}

enum err batch_control(struct batch *b, const struct event *e, const struct message *m)
{
	const struct publishing p = publishing_of(b);

	return publish_control(&p, e, m);
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
