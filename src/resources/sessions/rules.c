#include "resources/sessions/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/tally.h"
#include "crypto/random.h"
#include "crypto/session_token.h"
#include "resources/profiles/profile.h"
#include "sessions_priv.h"

static enum err make_token(struct service *s, const struct identity *who,
	const struct session_purpose *purpose, const struct profile_grants *grants, int64_t now_s,
	struct opened_session *ret)
{
	char *token;
	enum err e = session_token_make(s->keys,
		&(struct session_claims){ .id = who->username,
			.domain = who->domain,
			.jti = ret->jti,
			.audience = purpose->audience,
			.profile_id = grants->profile_id,
			.issued_at = now_s,
			.expires_at = now_s + purpose->seconds,
			.two_factor = purpose->two_factor,
			.otp_verified = purpose->otp_verified,
			.two_factor_required = purpose->must_enrol },
		s->arena, &token);

	if (e == ERR_OK)
		ret->token = token;
	return e;
}

/* The token says what the account may do, which is read when its session is written. */
enum err session_open(struct service *s, const struct identity *who,
	const struct session_purpose *purpose, struct opened_session *ret)
{
	int64_t now_s = clock_wall_us() / CLOCK_SECOND_US;
	struct profile_grants grants;

	ret->jti = random_id(s->arena);
	ret->expires_at = (now_s + purpose->seconds) * CLOCK_SECOND_US;
	enum err e = session_store_insert(s,
		&(struct session_row){ .jti = ret->jti,
			.account_id = who->account_id,
			.audience = purpose->audience,
			.ip = s->client.ip,
			.user_agent = s->client.user_agent,
			.two_factor = purpose->two_factor,
			.otp_verified = purpose->otp_verified,
			.expires_at = ret->expires_at },
		&grants);

	if (e != ERR_OK)
		return e;
	ret->permissions = permissions_of_profile(&grants, s->arena);
	return make_token(s, who, purpose, &grants, now_s, ret);
}

/* Relays do not ask again about a copy, so only what may open a socket has one. */
void session_copy_open(struct service *s, const struct identity *who,
	const struct session_purpose *purpose, const struct opened_session *token)
{
	if (purpose->must_enrol || (purpose->two_factor && !purpose->otp_verified))
		return;
	s->copies.put(s->copies.ctx,
		&(struct live_session){ .jti = token->jti,
			.username = who->username,
			.domain = who->domain,
			.audience = purpose->audience,
			.otp_verified = purpose->otp_verified,
			.expires_at = permissions_end(&token->permissions, token->expires_at),
			.permissions = &token->permissions });
}

enum err session_copy_renew(struct service *s, const struct identity *who, struct permissions *ret)
{
	struct profile_grants grants;
	enum err e = permissions_of(s, who->account_id, &grants);

	if (e != ERR_OK)
		return e;
	*ret = permissions_of_profile(&grants, s->arena);
	/* Whether a token of the HMAC login is still good is known only by looking at its account. */
	if (who->method == IDENTITY_HMAC)
		return ERR_OK;
	s->copies.put(s->copies.ctx, &(struct live_session){ .jti = who->jti,
					     .username = who->username,
					     .domain = who->domain,
					     .audience = who->audience,
					     .otp_verified = who->otp_verified,
					     .expires_at = permissions_end(ret, who->expires_at),
					     .permissions = ret });
	return ERR_OK;
}

void session_list_mark(const struct identity *who, struct rows *list)
{
	struct session *items = list->items;

	for (size_t i = 0; i < list->n; i++)
		items[i].current = strcmp(items[i].jti, who->jti) == 0;
}

enum err session_end(struct service *s, const struct identity *who, const struct session *session)
{
	return session_store_revoke_of(s, who->account_id, session->jti);
}

enum err session_end_others(struct service *s, const struct identity *who)
{
	return session_end_all_but(s, who->account_id, who->jti, NULL);
}

static enum err write_uses(void *arg, const struct tally *t)
{
	return session_store_touch(arg, tally_texts(t, 0), tally_size(t));
}

void session_uses_flush(struct service *s)
{
	tally_flush(s->session_uses, write_uses, s, "sessions");
}
