#include "resources/cti_users/me_copies.h"

#include "base/log.h"
#include "redis/channel.h"

#define KEY_MAX   1024
#define COPY_LIFE STR("7200") /* seconds; clients ask every 45 minutes */

static struct str key_of(
	const struct redis_side *side, struct buf *name, const char *domain, const char *username)
{
	buf_init(name, KEY_MAX);
	channel_me(name, side->prefix, str_from(domain), str_from(username));
	return buf_str(name);
}

static void put(void *ctx, const char *domain, const char *username, struct str copy)
{
	struct redis_side *side = ctx;
	struct buf name;

	if (redis_send(side->redis, REDIS_COMMAND(STR("SET"), key_of(side, &name, domain, username),
					    copy, STR("EX"), COPY_LIFE)) != ERR_OK)
		log_debug("an answer is not copied");
	buf_finish(&name);
}

static enum err get(
	void *ctx, const char *domain, const char *username, struct arena *arena, struct str *ret)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;
	struct buf name;
	enum err e = redis_call(side->redis,
		REDIS_COMMAND(STR("GET"), key_of(side, &name, domain, username)), arena, &reply);

	buf_finish(&name);
	if (e == ERR_OK && reply.type != REDIS_TEXT)
		e = ERR_NOT_FOUND;
	if (e == ERR_OK)
		*ret = reply.text;
	return e;
}

static void drop(void *ctx, const char *domain, const char *username)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;
	struct buf name;

	arena_reset(side->arena);
	if (redis_call(side->redis,
		    REDIS_COMMAND(STR("DEL"), key_of(side, &name, domain, username)), side->arena,
		    &reply) != ERR_OK)
		log_debug("the copy of an answer stays until it is written anew");
	buf_finish(&name);
}

struct me_copies me_copies_in(struct redis_side *side)
{
	return (struct me_copies){ put, get, drop, side };
}
