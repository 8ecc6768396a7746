#include "identity/redis.h"

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/random.h"

#define REDIS_NAME_MAX 1024
#define TAKE_ARGS      7

/* The incarnation of Redis: made by the first who asks after it was started empty. */
static enum err epoch(void *ctx, uint32_t *ret)
{
	struct redis_side *side = ctx;
	struct redis_reply replies[2];
	struct buf name;
	uint64_t value;
	uint32_t fresh;
	enum err e;

	arena_reset(side->arena);
	buf_init(&name, REDIS_NAME_MAX);
	buf_printf(&name, "%sdigest:epoch", side->prefix);
	random_bytes(&fresh, sizeof(fresh));
	struct str text = str_from(arena_printf(side->arena, "%u", fresh | 1));
	struct redis_command commands[] = {
		REDIS_COMMAND(STR("SET"), buf_str(&name), text, STR("NX")),
		REDIS_COMMAND(STR("GET"), buf_str(&name)),
	};

	e = redis_pipeline(side->redis, commands, 2, side->arena, replies);
	buf_finish(&name);
	if (e == ERR_OK && (replies[1].type != REDIS_TEXT ||
				   !str_to_uint(replies[1].text, UINT32_MAX, &value)))
		e = ERR_UNAVAILABLE;
	if (e == ERR_OK)
		*ret = (uint32_t)value;
	return e;
}

/* Compares and sets in one step: 1 taken, 0 replayed, -1 another incarnation. */
static const char advance_script[] = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end "
				     "local last = tonumber(redis.call('GET', KEYS[2]) or '0') "
				     "if tonumber(ARGV[2]) <= last then return 0 end "
				     "redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3]) return 1";

static enum err advance(
	void *ctx, uint32_t incarnation, const char *nonce, uint64_t nc, int64_t seconds)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;

	arena_reset(side->arena);
	struct arena *a = side->arena;
	struct redis_command command = REDIS_COMMAND(STR("EVAL"), str_from(advance_script),
		STR("2"), str_from(arena_printf(a, "%sdigest:epoch", side->prefix)),
		str_from(arena_printf(a, "%sdigest:nc:%s", side->prefix, nonce)),
		str_from(arena_printf(a, "%u", incarnation)),
		str_from(arena_printf(a, "%llu", (unsigned long long)nc)),
		str_from(arena_printf(a, "%lld", (long long)seconds)));
	enum err e = redis_call(side->redis, command, a, &reply);

	if (e != ERR_OK)
		return e;
	if (reply.number == 0)
		return ERR_CONFLICT;
	return reply.number == 1 ? ERR_OK : ERR_DIGEST_STALE;
}

/* One number a bucket: when it will be full again. Answers how many requests were taken, or 0 and the
 * microseconds to wait; and what is left then. A server whose clock was ahead has left behind at most an
 * empty bucket. */
static const char take_script[] =
	"local t = redis.call('TIME') local now = t[1] * 1000000 + t[2] "
	"local each = tonumber(ARGV[1]) local room = each * tonumber(ARGV[2]) "
	"local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) "
	"if full > now + room then full = now + room "
	"redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil(room / 1000)) end "
	"local over = math.ceil(full + each - now - room) "
	"if over > 0 then return {0, over} end "
	"local left = (room - (full - now)) / each "
	"local n = math.max(1, math.floor(left / tonumber(ARGV[3]))) "
	"full = full + n * each "
	"redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', "
	"math.ceil((full - now) / 1000)) return {n, 0, math.floor(left - n)}";

/* The arguments live in the arena of the side, which is reset. */
static struct redis_command take_command(
	struct redis_side *side, const char *subject, const struct rate_limit *limit)
{
	struct arena *a = side->arena;
	struct str *args;

	arena_reset(a);
	args = arena_alloc(a, TAKE_ARGS * sizeof(*args));
	args[0] = STR("EVAL");
	args[1] = str_from(take_script);
	args[2] = STR("1");
	args[3] = str_from(arena_printf(a, "%srate:%s", side->prefix, subject));
	args[4] = str_from(arena_printf(a, "%lld", (long long)limit->each_us));
	args[5] = str_from(arena_printf(a, "%lld", (long long)limit->burst));
	args[6] = str_from(arena_printf(a, "%lld", (long long)limit->share));
	return (struct redis_command){ args, TAKE_ARGS };
}

static enum err grant_of(enum err e, const struct redis_reply *reply, struct rate_grant *ret)
{
	if (e == ERR_OK && reply->count < 2)
		e = ERR_INTERNAL;
	if (e == ERR_OK)
		*ret = (struct rate_grant){ .count = reply->items[0].number,
			.left = reply->count > 2 ? reply->items[2].number : 0,
			.wait_us = reply->items[1].number };
	return e;
}

static enum err take(
	void *ctx, const char *subject, const struct rate_limit *limit, struct rate_grant *ret)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;
	enum err e =
		redis_call(side->redis, take_command(side, subject, limit), side->arena, &reply);

	return grant_of(e, &reply, ret);
}

static enum err ask(void *ctx, const char *subject, const struct rate_limit *limit)
{
	struct redis_side *side = ctx;

	return redis_begin(side->redis, take_command(side, subject, limit));
}

static enum err answer(void *ctx, struct rate_grant *ret)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;

	return grant_of(redis_finish(side->redis, side->arena, &reply), &reply, ret);
}

struct nonce_counter nonce_counter_in(struct redis_side *side)
{
	return (struct nonce_counter){ epoch, advance, side };
}

struct rate_limit rate_limit_in(struct redis_side *side, struct rate_limit limit)
{
	limit.take = take;
	limit.ask = ask;
	limit.answer = answer;
	limit.ctx = side;
	return limit;
}
