#include "redis/session_copy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redis/channel.h"

#define KEY_MAX     1024
#define REPLIES_MAX 8192

static struct str key_name(struct buf *out, const struct session_key *key)
{
	buf_init(out, KEY_MAX);
	channel_token(out, key->prefix, str_from(key->domain), str_from(key->jti));
	return buf_str(out);
}

/* KEYS: the copy.  ARGV: pv, exp, otp, u, aud, rooms, ext, cap. */
static const char write_script[] =
	"local pv = redis.call('HGET', KEYS[1], 'pv')\n"
	"if pv and tonumber(pv) > tonumber(ARGV[1]) then return 0 end\n"
	"redis.call('HSET', KEYS[1], 'pv', ARGV[1], 'exp', ARGV[2], 'otp', ARGV[3], 'u', ARGV[4],"
	" 'aud', ARGV[5], 'rooms', ARGV[6], 'ext', ARGV[7], 'cap', ARGV[8])\n"
	"redis.call('EXPIREAT', KEYS[1], ARGV[2])\n"
	"return 1";

/* KEYS: the copies.  ARGV: pv, rooms, ext, cap, and the end of each copy.  One that is not there yet
 * is not made, but for a minute no older look may make it. */
static const char change_script[] = "for i, key in ipairs(KEYS) do\n"
				    "  local pv = redis.call('HGET', key, 'pv')\n"
				    "  if not pv or tonumber(pv) <= tonumber(ARGV[1]) then\n"
				    "    redis.call('HSET', key, 'pv', ARGV[1], 'rooms', ARGV[2], "
				    "'ext', ARGV[3], 'cap', ARGV[4])\n"
				    "    if redis.call('HEXISTS', key, 'u') == 1 then\n"
				    "      redis.call('HSET', key, 'exp', ARGV[4 + i])\n"
				    "      redis.call('EXPIREAT', key, ARGV[4 + i])\n"
				    "    else\n"
				    "      redis.call('EXPIRE', key, 60)\n"
				    "    end\n"
				    "  end\n"
				    "end\n"
				    "return 1";

enum err session_copy_write(
	struct redis *r, const struct session_key *key, const struct session_copy *m)
{
	char exp[24], pv[24];
	struct buf name;
	enum err e;

	snprintf(exp, sizeof(exp), "%" PRId64, m->expires_at);
	snprintf(pv, sizeof(pv), "%" PRId64, m->pv);
	e = redis_send(r,
		REDIS_COMMAND(STR("EVAL"), str_from(write_script), STR("1"), key_name(&name, key),
			str_from(pv), str_from(exp), m->otp_verified ? STR("1") : STR("0"),
			str_from(m->user), str_from(m->audience), str_from(m->rooms),
			str_from(m->ext), str_from(m->cap)));
	buf_finish(&name);
	return e;
}

static struct str decimal(struct arena *arena, int64_t n)
{
	return str_from(arena_printf(arena, "%" PRId64, n));
}

static struct str kept_name(struct arena *arena, const struct session_key *key)
{
	struct buf name;
	struct str text = key_name(&name, key);

	text.p = arena_strndup(arena, text.p, text.n);
	buf_finish(&name);
	return text;
}

struct redis_command session_copy_change(const char *prefix, const char *domain,
	const struct session_copy *m, const struct session_life *lives, size_t n,
	struct arena *arena)
{
	struct str *args = arena_alloc(arena, (2 * n + 7) * sizeof(*args)), *at = args;

	*at++ = STR("EVAL");
	*at++ = str_from(change_script);
	*at++ = decimal(arena, (int64_t)n);
	for (size_t i = 0; i < n; i++)
		*at++ = kept_name(arena, &(struct session_key){ prefix, domain, lives[i].jti });
	*at++ = decimal(arena, m->pv);
	*at++ = str_from(m->rooms);
	*at++ = str_from(m->ext);
	*at++ = str_from(m->cap);
	for (size_t i = 0; i < n; i++)
		*at++ = decimal(arena, lives[i].expires_at);
	return (struct redis_command){ args, (size_t)(at - args) };
}

struct redis_command session_copy_forget(const char *prefix, const char *domain,
	const char *const *jtis, size_t n, struct arena *arena)
{
	struct str *args = arena_alloc(arena, (n + 1) * sizeof(*args));

	args[0] = STR("DEL");
	for (size_t i = 0; i < n; i++)
		args[i + 1] = kept_name(arena, &(struct session_key){ prefix, domain, jtis[i] });
	return (struct redis_command){ args, n + 1 };
}

enum err session_copy_delete(struct redis *r, const struct session_key *key)
{
	struct redis_reply reply;
	struct arena *arena = arena_new(REPLIES_MAX);
	struct buf name;
	enum err e = redis_call(r, REDIS_COMMAND(STR("DEL"), key_name(&name, key)), arena, &reply);

	buf_finish(&name);
	arena_free(&arena);
	return e;
}

static int64_t number(const struct redis_reply *r)
{
	return r->text.p ? strtoll(r->text.p, NULL, 10) : 0;
}

enum err session_copy_parse(const struct redis_reply *reply, struct session_copy *ret)
{
	const struct redis_reply *f = reply->items;

	if (reply->type != REDIS_LIST || f[0].type == REDIS_NIL || f[6].type == REDIS_NIL)
		return ERR_NOT_FOUND;
	*ret = (struct session_copy){
		.user = f[0].text.p,
		.audience = f[1].text.n ? f[1].text.p : NULL,
		.otp_verified = number(&f[2]) == 1,
		.expires_at = number(&f[3]),
		.rooms = f[4].text.p,
		.ext = f[5].text.p,
		.cap = f[6].text.p,
		.pv = number(&f[7]),
	};
	return ERR_OK;
}
