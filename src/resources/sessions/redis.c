#include "resources/sessions/copies.h"

#include "base/clock.h"
#include "base/log.h"
#include "permissions/permissions.h"
#include "redis/channel.h"
#include "redis/session_copy.h"

#define KEY_MAX 1024

static void copy_put(void *ctx, const struct live_session *s)
{
	struct redis_side *side = ctx;
	const struct session_key key = { side->prefix, s->domain, s->jti };
	const struct session_copy m = { .user = s->username,
		.audience = s->audience,
		.otp_verified = s->otp_verified,
		.expires_at = s->expires_at / CLOCK_SECOND_US,
		.rooms = s->permissions->rooms,
		.ext = s->permissions->extensions,
		.cap = s->permissions->capabilities,
		.pv = s->permissions->version };

	if (session_copy_write(side->redis, &key, &m) != ERR_OK)
		log_debug("a session is not copied: relays will ask");
}

static void copy_drop(void *ctx, const char *domain, const char *jti)
{
	struct redis_side *side = ctx;
	const struct session_key key = { side->prefix, domain, jti };

	if (session_copy_delete(side->redis, &key) != ERR_OK)
		log_warn("Redis was not told that a session was revoked: relays notice within a "
			 "minute of its return");
}

static enum err copy_find(void *ctx, const char *domain, const char *jti, struct arena *arena,
	const char **ret_username, bool *ret_otp_verified)
{
	struct redis_side *side = ctx;
	struct redis_reply reply;
	struct session_copy copy;
	struct buf key;
	enum err e;

	buf_init(&key, KEY_MAX);
	channel_token(&key, side->prefix, str_from(domain), str_from(jti));
	e = redis_call(side->redis, REDIS_COMMAND(SESSION_COPY_READ(buf_str(&key))), arena, &reply);
	buf_finish(&key);
	if (e == ERR_OK)
		e = session_copy_parse(&reply, &copy);
	if (e == ERR_OK && copy.expires_at * CLOCK_SECOND_US <= clock_wall_us())
		e = ERR_NOT_FOUND;
	if (e != ERR_OK)
		return e;
	*ret_username = copy.user;
	*ret_otp_verified = copy.otp_verified;
	return ERR_OK;
}

struct session_copies session_copies_in(struct redis_side *side)
{
	return (struct session_copies){ copy_put, copy_drop, copy_find, side };
}
