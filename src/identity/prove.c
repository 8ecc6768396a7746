#include "identity/prove.h"

#include <string.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/tally.h"
#include "crypto/hash.h"
#include "crypto/token_cache.h"
#include "identity/lock.h"
#include "identity/rate.h"
#include "service/refusal.h"
#include "identity_priv.h"

#define KEY_MAX 160

void identity_count_key(struct service *s, const struct identity *who)
{
	char text[HEX_SIZE(HASH_BYTES)];

	if (who->method != IDENTITY_KEY)
		return;
	const struct str key = str_from(hex_encode(text, who->key_hash.p, who->key_hash.n));

	tally_add(s->key_uses, &key);
}

static const struct refusal api_key_invalid = { 401, "api_key_invalid",
	UNTRANSLATED("Invalid API Key") };

static enum err refuse_key(struct service *s, const char *key)
{
	enum err e = lock_count_wrong_key(s, DOOR_API_KEY, key);

	return e == ERR_OK ? refused(s, &api_key_invalid) : e;
}

enum err identity_by_key(struct service *s, const char *key, bool with_account,
	struct subject_lookup *also, struct identity *ret)
{
	if (strlen(key) > KEY_MAX)
		return refuse_key(s, key);
	struct str hash = hash_text(s->arena, key);
	enum err e = identity_store_by_key(
		s, hash, s->settings->api_key_expiration_minutes, with_account, also, ret);
	if (e == ERR_OK)
		ret->key_hash = hash;
	return e == ERR_NOT_FOUND ? refuse_key(s, key) : e;
}

void identity_by_key_ahead(
	struct service *s, const char *key, bool with_account, struct subject_lookup *also)
{
	if (strlen(key) <= KEY_MAX)
		identity_store_by_key_ahead(s, hash_text(s->arena, key),
			s->settings->api_key_expiration_minutes, with_account, also);
}

void identity_by_token_ahead(
	struct service *s, struct str token, bool with_account, struct subject_lookup *also)
{
	struct session_claims claims;

	if (token_cache_verify(s->tokens, token, clock_wall_us() / CLOCK_SECOND_US, &claims) ==
		ERR_OK)
		identity_store_by_session_ahead(s, claims.jti, with_account, also);
}

const struct refusal identity_otp_required = { 403, "otp_required",
	UNTRANSLATED("otp verification required") };

enum err identity_by_token(struct service *s, struct str token, bool with_account, bool counted,
	struct subject_lookup *also, struct identity *ret)
{
	struct session_claims claims;
	enum err e =
		token_cache_verify(s->tokens, token, clock_wall_us() / CLOCK_SECOND_US, &claims);

	if (e != ERR_OK)
		return e;
	if (counted)
		rate_ask_session(s, claims.jti);
	e = identity_store_by_session(s, claims.jti, with_account, also, ret);
	if (e != ERR_OK)
		return e == ERR_NOT_FOUND ? ERR_TOKEN_REVOKED : e;
	if (strcmp(ret->username, claims.id) != 0)
		return ERR_TOKEN_REVOKED; /* renamed since: the token names another user */
	tally_add(s->session_uses, &(struct str){ ret->jti, strlen(ret->jti) });
	return ERR_OK;
}
