#include "bus/session_mirror.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bus/channel.h"

#define KEY_MAX     1024
#define REPLIES_MAX 8192

static struct str key_name(struct buf *out, const struct session_key *key)
{
	buf_init(out, KEY_MAX);
	channel_token(out, key->prefix, str_from(key->domain), str_from(key->jti));
	return buf_str(out);
}

/* In one transaction, so that no mirror outlives its token for want of an expiry. */
enum err session_mirror_write(
	struct redis *r, const struct session_key *key, const struct session_copy *m)
{
	char exp[24], pv[24];
	struct redis_reply replies[5];
	struct arena *arena = arena_new(REPLIES_MAX);
	struct buf name;
	struct str k = key_name(&name, key);
	enum err e;

	snprintf(exp, sizeof(exp), "%" PRId64, m->expires_at);
	snprintf(pv, sizeof(pv), "%" PRId64, m->pv);
	const struct redis_command commands[] = {
		REDIS_COMMAND(STR("MULTI")),
		REDIS_COMMAND(STR("DEL"), k),
		REDIS_COMMAND(STR("HSET"), k, STR("u"), str_from(m->user), STR("aud"),
			str_from(m->audience), STR("otp"), m->otp_verified ? STR("1") : STR("0"),
			STR("exp"), str_from(exp), STR("rooms"), str_from(m->rooms), STR("ext"),
			str_from(m->ext), STR("pv"), str_from(pv)),
		REDIS_COMMAND(STR("EXPIREAT"), k, str_from(exp)),
		REDIS_COMMAND(STR("EXEC")),
	};

	e = redis_pipeline(r, commands, sizeof(commands) / sizeof(commands[0]), arena, replies);
	buf_finish(&name);
	arena_free(&arena);
	return e;
}

enum err session_mirror_delete(struct redis *r, const struct session_key *key)
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

enum err session_mirror_parse(const struct redis_reply *reply, struct session_copy *ret)
{
	const struct redis_reply *f = reply->items;

	if (reply->type != REDIS_LIST || f[0].type == REDIS_NIL)
		return ERR_NOT_FOUND;
	*ret = (struct session_copy){
		.user = f[0].text.p,
		.audience = f[1].text.n ? f[1].text.p : NULL,
		.otp_verified = number(&f[2]) == 1,
		.expires_at = number(&f[3]),
		.rooms = f[4].text.p,
		.ext = f[5].text.p,
		.pv = number(&f[6]),
	};
	return ERR_OK;
}
