#include <inttypes.h>

#include "redis/channel.h"
#include "jobs_priv.h"

#define CHANNEL_MAX      2048
#define MICROS_PER_MILLI 1000

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

enum err batch_publish(
	struct batch *b, const char *prefix, const char *channel, const struct message *m)
{
	struct str *args = arena_alloc(b->arena, 3 * sizeof(*args));
	struct buf name, text;

	buf_init(&name, CHANNEL_MAX);
	channel_suffixed(&name, prefix, str_from(channel));
	buf_init(&text, MESSAGE_HEADER_MAX);
	message_write(&text, m);
	if (text.overflow) {
		buf_finish(&name);
		buf_finish(&text);
		return ERR_LIMIT;
	}
	args[0] = STR("PUBLISH");
	args[1] = kept(b->arena, &name);
	args[2] = kept(b->arena, &text);
	return batch_add(b, (struct redis_command){ args, 3 });
}

void message_stamp(struct message *m, const struct outbox_event *event, struct arena *arena)
{
	m->id = arena_printf(arena, "%" PRId64, event->id);
	m->time_ms = event->created_at / MICROS_PER_MILLI;
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

const char *channel_domain(const char *channel, struct arena *arena)
{
	struct str rest = str_from(channel), tag = str_split(&rest, '}');

	return tag.n ? arena_strndup(arena, tag.p + 1, tag.n - 1) : "";
}
