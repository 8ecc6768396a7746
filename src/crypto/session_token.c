#include "crypto/session_token.h"

#include <errno.h>
#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"

#define HEADER          "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" /* {"alg":"HS256","typ":"JWT"} */
#define SIGNATURE_BYTES 32

enum claim_type { CLAIM_TEXT, CLAIM_MAY_TEXT, CLAIM_NUMBER, CLAIM_FLAG, CLAIM_MAY_FLAG };

static const struct claim {
	const char *name;
	enum claim_type type;
	size_t offset;
} table[] = {
	{ "id", CLAIM_TEXT, offsetof(struct session_claims, id) },
	{ "dom", CLAIM_TEXT, offsetof(struct session_claims, domain) },
	{ "jti", CLAIM_TEXT, offsetof(struct session_claims, jti) },
	{ "profile_id", CLAIM_MAY_TEXT, offsetof(struct session_claims, profile_id) },
	{ "aud", CLAIM_MAY_TEXT, offsetof(struct session_claims, audience) },
	{ "iat", CLAIM_NUMBER, offsetof(struct session_claims, issued_at) },
	{ "exp", CLAIM_NUMBER, offsetof(struct session_claims, expires_at) },
	{ "2fa", CLAIM_FLAG, offsetof(struct session_claims, two_factor) },
	{ "otp_verified", CLAIM_FLAG, offsetof(struct session_claims, otp_verified) },
	{ "2fa_required", CLAIM_MAY_FLAG, offsetof(struct session_claims, two_factor_required) },
};

#define CLAIMS (sizeof(table) / sizeof(table[0]))

static bool put_claim(jwt_t *jwt, const struct claim *c, const struct session_claims *from)
{
	const void *value = (const char *)from + c->offset;
	const char *text;

	if (c->type == CLAIM_NUMBER)
		return jwt_add_grant_int(jwt, c->name, (long)*(const int64_t *)value) == 0;
	if (c->type == CLAIM_MAY_FLAG && !*(const bool *)value)
		return true;
	if (c->type == CLAIM_FLAG || c->type == CLAIM_MAY_FLAG)
		return jwt_add_grant_bool(jwt, c->name, *(const bool *)value) == 0;
	text = *(const char *const *)value;
	if (!text && c->type == CLAIM_MAY_TEXT)
		return true;
	return text && *text && jwt_add_grant(jwt, c->name, text) == 0;
}

static char *encode(jwt_t *jwt, const struct key *key, const struct session_claims *claims)
{
	if (jwt_set_alg(jwt, JWT_ALG_HS256, key->bytes, sizeof(key->bytes)) != 0)
		return NULL;
	for (size_t i = 0; i < CLAIMS; i++)
		if (!put_claim(jwt, &table[i], claims))
			return NULL;
	return jwt_encode_str(jwt);
}

enum err session_token_make(const struct keyring *keys, const struct session_claims *claims,
	struct arena *arena, char **ret_token)
{
	enum err e = ERR_INTERNAL;
	char *text;
	jwt_t *jwt;

	if (jwt_new(&jwt) != 0)
		return e;
	text = encode(jwt, keyring_current(keys, KEY_JWT), claims);
	if (text && strlen(text) > SESSION_TOKEN_MAX) {
		e = ERR_LIMIT;
	} else if (text) {
		*ret_token = arena_strdup(arena, text);
		e = ERR_OK;
	}
	free(text);
	jwt_free(jwt);
	return e;
}

/* Three parts of base64url, the first our header, the last 32 bytes. */
static bool is_well_formed(struct str token)
{
	uint8_t bytes[SESSION_TOKEN_MAX];
	size_t n;

	if (token.n > SESSION_TOKEN_MAX || !str_is(str_split(&token, '.'), HEADER))
		return false;
	struct str payload = str_split(&token, '.');

	return payload.n > 0 && base64url_decode(bytes, payload, &n) &&
	       base64url_decode(bytes, token, &n) && n == SIGNATURE_BYTES;
}

/* NULL when none of our keys made the signature. */
static jwt_t *decode(const struct keyring *keys, const char *token)
{
	const struct key *key;
	jwt_t *jwt;

	for (size_t i = 0; (key = keyring_at(keys, KEY_JWT, i)); i++) {
		if (jwt_decode(&jwt, token, key->bytes, sizeof(key->bytes)) != 0)
			continue;
		if (jwt_get_alg(jwt) == JWT_ALG_HS256)
			return jwt;
		jwt_free(jwt);
	}
	return NULL;
}

static bool get_text(jwt_t *jwt, const struct claim *c, struct arena *arena, const char **ret)
{
	errno = 0;
	const char *text = jwt_get_grant(jwt, c->name);

	if (!text)
		return c->type == CLAIM_MAY_TEXT && errno == ENOENT;
	*ret = arena_strdup(arena, text);
	return *text != '\0';
}

static bool get_number(struct str json, int64_t *ret)
{
	uint64_t v;

	if (!str_to_uint(json, INT64_MAX, &v))
		return false;
	*ret = (int64_t)v;
	return true;
}

static bool get_flag(struct str json, bool *ret)
{
	*ret = str_is(json, "true");
	return *ret || str_is(json, "false");
}

/* Numbers and flags are read from their JSON: libjwt 1.10 answers 0 for any other type. */
static bool get_claim(
	jwt_t *jwt, const struct claim *c, struct arena *arena, struct session_claims *ret)
{
	void *member = (char *)ret + c->offset;
	char *json;
	bool ok;

	if (c->type == CLAIM_TEXT || c->type == CLAIM_MAY_TEXT)
		return get_text(jwt, c, arena, member);
	json = jwt_get_grants_json(jwt, c->name);
	if (!json && c->type == CLAIM_MAY_FLAG)
		return true;
	ok = c->type == CLAIM_NUMBER ? get_number(str_from(json), member)
				     : get_flag(str_from(json), member);
	free(json);
	return ok;
}

static bool get_claims(jwt_t *jwt, struct arena *arena, struct session_claims *ret)
{
	for (size_t i = 0; i < CLAIMS; i++)
		if (!get_claim(jwt, &table[i], arena, ret))
			return false;
	return true;
}

enum err session_token_verify(const struct keyring *keys, struct str token, int64_t now_s,
	struct arena *arena, struct session_claims *ret)
{
	struct session_claims claims = { 0 };
	bool complete;
	jwt_t *jwt;

	if (!is_well_formed(token))
		return ERR_TOKEN_INVALID;
	jwt = decode(keys, arena_strndup(arena, token.p, token.n));
	if (!jwt)
		return ERR_TOKEN_INVALID;
	complete = get_claims(jwt, arena, &claims);
	jwt_free(jwt);
	if (!complete)
		return ERR_TOKEN_INVALID;
	if (claims.expires_at <= now_s)
		return ERR_TOKEN_EXPIRED;
	*ret = claims;
	return ERR_OK;
}
