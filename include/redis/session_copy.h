/*
 * Live sessions as relays see them: the hash {D}:tok:<jti> of cti-api 3.1, with the life of the
 * token.  A copy for speed: without it, a relay asks the API, and the API asks PostgreSQL.
 */
#ifndef DIALTONE_REDIS_SESSION_COPY_H
#define DIALTONE_REDIS_SESSION_COPY_H

#include "redis/redis.h"

struct session_copy {
	const char *user;     /* u */
	const char *audience; /* aud; NULL: none */
	bool otp_verified;    /* otp */
	int64_t expires_at;   /* exp: seconds since the epoch */
	const char *rooms;    /* space separated */
	const char *ext;      /* own extensions, space separated */
	const char *cap;      /* capabilities relays ask for, space separated */
	int64_t pv;           /* permission version */
};

/* Where a session's copy is. */
struct session_key {
	const char *prefix; /* the setting redis_prefix */
	const char *domain, *jti;
};

/* A session and the second it ends. */
struct session_life {
	const char *jti;
	int64_t expires_at;
};

/* Not over a copy of a higher pv: a later look knows better. */
MUST_CHECK enum err session_copy_write(
	struct redis *r, const struct session_key *key, const struct session_copy *m);
/* The command, made in the arena, that changes rooms, ext, cap and pv of copies of a user's, and the end
 * of each; the other fields of m are not looked at. It makes no copies. */
struct redis_command session_copy_change(const char *prefix, const char *domain,
	const struct session_copy *m, const struct session_life *lives, size_t n,
	struct arena *arena);
/* The command that removes at least one copy. */
struct redis_command session_copy_forget(const char *prefix, const char *domain,
	const char *const *jtis, size_t n, struct arena *arena);
MUST_CHECK enum err session_copy_delete(struct redis *r, const struct session_key *key);

/* Reading it, over whatever connection: arguments of the command for REDIS_COMMAND(), where key_ is
 * the name channel_token() makes, and what its reply says. */
#define SESSION_COPY_READ(key_)                                                         \
	STR("HMGET"), key_, STR("u"), STR("aud"), STR("otp"), STR("exp"), STR("rooms"), \
		STR("ext"), STR("cap"), STR("pv")
/* ERR_NOT_FOUND: revoked, expired, or Redis has forgotten it; or it is of an older version, which did
 * not know capabilities. Texts are borrowed from the reply; those not stored are NULL. */
MUST_CHECK enum err session_copy_parse(const struct redis_reply *reply, struct session_copy *ret);

#endif
