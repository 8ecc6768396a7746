#include "extension_states.h"

#include "redis/channel.h"
#include "relay/core/client.h"

static struct redis_command states_command(
	struct str key, struct str extensions, struct arena *arena)
{
	struct str *args = arena_alloc(arena, (EXTENSION_STATES_MAX + 2) * sizeof(*args));
	size_t n = 0;

	args[n++] = STR("HMGET");
	args[n++] = key;
	while (extensions.n && n < EXTENSION_STATES_MAX + 2) {
		struct str id = str_split(&extensions, ' ');

		args[n++] = str_from(arena_printf(arena, "exten:%.*s", (int)id.n, id.p));
	}
	return (struct redis_command){ args, n };
}

enum err extension_states_ask(
	struct cti_client *c, struct str extensions, pipeline_reply_fn *fn, void *arg)
{
	struct arena *arena = arena_new(1024);
	struct buf key;
	enum err e;

	buf_init(&key, CORE_NAME_MAX);
	channel_of_domain(&key, c->core->settings->prefix, client_domain(c), "st");
	e = pipeline_send(
		c->core->commands, states_command(buf_str(&key), extensions, arena), fn, arg);
	buf_finish(&key);
	arena_free(&arena);
	return e;
}
