#include "resources/live_states/in_redis.h"

#include <string.h>

#include "base/log.h"
#include "redis/channel.h"

#define KEY_MAX 1024

static enum err get(void *ctx, const char *domain, const struct str *fields, size_t n,
	struct arena *arena, struct str *ret)
{
	struct redis_side *side = ctx;
	struct str *args = arena_alloc(arena, (n + 2) * sizeof(*args));
	struct redis_reply reply;
	struct buf key;
	enum err e;

	buf_init(&key, KEY_MAX);
	channel_of_domain(&key, side->prefix, str_from(domain), "st");
	args[0] = STR("HMGET");
	args[1] = buf_str(&key);
	memcpy(args + 2, fields, n * sizeof(*fields));
	e = redis_call(side->redis, (struct redis_command){ args, n + 2 }, arena, &reply);
	buf_finish(&key);
	if (e == ERR_OK && (reply.type != REDIS_LIST || reply.count != n))
		e = ERR_UNAVAILABLE;
	for (size_t i = 0; e == ERR_OK && i < n; i++)
		ret[i] =
			reply.items[i].type == REDIS_TEXT ? reply.items[i].text : (struct str){ 0 };
	if (e != ERR_OK)
		log_debug("states of phones are not known: %s", err_name(e));
	return e;
}

struct live_states live_states_in(struct redis_side *side)
{
	return (struct live_states){ .get = get, .ctx = side };
}
