#include "resources/hmac_login/hmac_tokens.h"

/* <prefix>legacy:tok:<hash> -> "account ends_at lasting password_print domain"
 * <prefix>legacy:lasting:<account> -> hash of the one token without expiry */

static struct str token_key(const struct redis_side *side, const char *hash)
{
	return str_from(arena_printf(side->arena, "%slegacy:tok:%s", side->prefix, hash));
}

static struct str lasting_key(const struct redis_side *side, int64_t account_id)
{
	return str_from(arena_printf(
		side->arena, "%slegacy:lasting:%lld", side->prefix, (long long)account_id));
}

static struct str number(const struct redis_side *side, int64_t n)
{
	return str_from(arena_printf(side->arena, "%lld", (long long)n));
}

/* *ret is empty when the account has none. */
static enum err lasting_of(struct redis_side *side, int64_t account_id, struct str *ret)
{
	struct redis_reply reply;
	enum err e = redis_call(side->redis,
		REDIS_COMMAND(STR("GET"), lasting_key(side, account_id)), side->arena, &reply);

	if (e == ERR_OK)
		*ret = reply.type == REDIS_TEXT ? reply.text : STR("");
	return e;
}

static enum err put_lasting(
	struct redis_side *side, const struct hmac_token *t, struct str value, struct str seconds)
{
	struct redis_reply replies[3];
	struct str before;
	enum err e = lasting_of(side, t->account_id, &before);

	if (e != ERR_OK)
		return e;
	struct redis_command commands[] = {
		REDIS_COMMAND(STR("DEL"), token_key(side, before.p)),
		REDIS_COMMAND(STR("SET"), token_key(side, t->hash), value, STR("EX"), seconds),
		REDIS_COMMAND(STR("SET"), lasting_key(side, t->account_id), str_from(t->hash),
			STR("EX"), seconds),
	};

	return redis_pipeline(side->redis, commands, 3, side->arena, replies);
}

static enum err put(void *ctx, const struct hmac_token *t, int64_t seconds)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;

	arena_reset(side->arena);
	struct str life = number(side, seconds);
	struct str value =
		str_from(arena_printf(side->arena, "%lld %lld %d %s %s", (long long)t->account_id,
			(long long)t->ends_at, t->lasting, t->password_print, t->domain));

	if (t->lasting)
		return put_lasting(side, t, value, life);
	return redis_call(side->redis,
		REDIS_COMMAND(STR("SET"), token_key(side, t->hash), value, STR("EX"), life),
		side->arena, &reply);
}

static bool parse(struct str text, struct arena *arena, struct hmac_token *ret)
{
	uint64_t account_id, ends_at, lasting;
	struct str print;

	if (!str_to_uint(str_split(&text, ' '), INT64_MAX, &account_id) ||
		!str_to_uint(str_split(&text, ' '), INT64_MAX, &ends_at) ||
		!str_to_uint(str_split(&text, ' '), 1, &lasting))
		return false;
	print = str_split(&text, ' ');
	if (!print.n || !text.n)
		return false;
	*ret = (struct hmac_token){ .account_id = (int64_t)account_id,
		.ends_at = (int64_t)ends_at,
		.lasting = lasting,
		.password_print = arena_strndup(arena, print.p, print.n),
		.domain = arena_strndup(arena, text.p, text.n) };
	return true;
}

static enum err get(void *ctx, const char *hash, struct arena *arena, struct hmac_token *ret)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;

	arena_reset(side->arena);
	enum err e = redis_call(
		side->redis, REDIS_COMMAND(STR("GET"), token_key(side, hash)), side->arena, &reply);

	if (e != ERR_OK)
		return e;
	return reply.type == REDIS_TEXT && parse(reply.text, arena, ret) ? ERR_OK : ERR_NOT_FOUND;
}

static enum err renew(void *ctx, const char *hash, int64_t seconds)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;

	arena_reset(side->arena);
	return redis_call(side->redis,
		REDIS_COMMAND(STR("EXPIRE"), token_key(side, hash), number(side, seconds)),
		side->arena, &reply);
}

static enum err drop(void *ctx, const char *hash)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;

	arena_reset(side->arena);
	return redis_call(
		side->redis, REDIS_COMMAND(STR("DEL"), token_key(side, hash)), side->arena, &reply);
}

static enum err drop_lasting(void *ctx, int64_t account_id)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;
	struct str hash;

	arena_reset(side->arena);
	enum err e = lasting_of(side, account_id, &hash);

	if (e != ERR_OK || !hash.n)
		return e;
	return redis_call(side->redis,
		REDIS_COMMAND(STR("DEL"), token_key(side, hash.p), lasting_key(side, account_id)),
		side->arena, &reply);
}

struct hmac_tokens hmac_tokens_in(struct redis_side *side)
{
	return (struct hmac_tokens){ put, get, renew, drop, drop_lasting, side };
}
