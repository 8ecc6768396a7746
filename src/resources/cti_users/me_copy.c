#include "me_copy.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/seal.h"
#include "crypto/token_cache.h"
#include "identity/prove.h"
#include "identity/rate.h"
#include "service/refusal.h"

#define COPY_OLD_S 600

/* A copy is "seconds sealed". Its context says whose it is: one account's opens for no other. */
static struct str context_of(struct arena *arena, const char *domain, const char *username)
{
	return str_from(arena_printf(arena, "user-me:%s@%s", username, domain));
}

static bool is_fresh(struct str copy, int64_t now_s)
{
	uint64_t made;

	return str_to_uint(str_split(&copy, ' '), INT64_MAX, &made) && copy.p &&
	       now_s - (int64_t)made < COPY_OLD_S;
}

void me_copy_keep(struct service *s, const struct identity *who, struct str answer)
{
	const struct me_copies *copies = &s->me_copies;
	int64_t now_s = clock_wall_us() / CLOCK_SECOND_US;
	struct str old, sealed;
	enum err e = copies->get(copies->ctx, who->domain, who->username, s->arena, &old);
	struct buf copy;

	if ((e == ERR_OK && is_fresh(old, now_s)) || (e != ERR_OK && e != ERR_NOT_FOUND) ||
		seal(s->keys, answer, context_of(s->arena, who->domain, who->username), s->arena,
			&sealed) != ERR_OK)
		return;
	buf_init(&copy, sealed.n + 32);
	buf_printf(&copy, "%" PRId64 " ", now_s);
	buf_add(&copy, sealed.p, sealed.n);
	copies->put(copies->ctx, who->domain, who->username, buf_str(&copy));
	buf_finish(&copy);
}

/* What the gate asks PostgreSQL, asked the copy of the session. */
static enum err check_session(struct service *s, const struct session_claims *claims)
{
	const struct session_copies *copies = &s->copies;
	const char *username;
	bool otp_verified;
	enum err e = copies->find(
		copies->ctx, claims->domain, claims->jti, s->arena, &username, &otp_verified);

	if (e != ERR_OK || strcmp(username, claims->id) != 0)
		return ERR_UNAVAILABLE;
	if (claims->two_factor && !otp_verified)
		return refused(s, &identity_otp_required);
	return rate_take_session(s, claims->jti);
}

static enum err open_copy(struct service *s, const struct session_claims *claims, struct str *ret)
{
	const struct me_copies *copies = &s->me_copies;
	struct str copy;

	if (copies->get(copies->ctx, claims->domain, claims->id, s->arena, &copy) != ERR_OK)
		return ERR_UNAVAILABLE;
	str_split(&copy, ' ');
	if (!copy.p || unseal(s->keys, copy, context_of(s->arena, claims->domain, claims->id),
			       s->arena, ret) != ERR_OK)
		return ERR_UNAVAILABLE;
	return ERR_OK;
}

enum err me_copy_find(struct service *s, struct str token, struct str *ret)
{
	struct session_claims claims;
	enum err e =
		token_cache_verify(s->tokens, token, clock_wall_us() / CLOCK_SECOND_US, &claims);

	if (e == ERR_OK)
		e = check_session(s, &claims);
	return e == ERR_OK ? open_copy(s, &claims, ret) : e;
}

void me_copy_drop(struct service *s, const struct identity *who)
{
	s->me_copies.drop(s->me_copies.ctx, who->domain, who->username);
}
