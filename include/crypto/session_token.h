/*
 * The session token: a JWT (RFC 7519) signed with HS256, as cti-api 1.2 describes it.
 *
 * The header is always {"alg":"HS256","typ":"JWT"}, byte for byte: with nothing to choose there is
 * nothing to confuse (no alg none, no other algorithm, no crit).  Only we make these tokens; those
 * of other issuers are not read here.  A valid token says who logged in, not that the session is
 * still alive: ask the database for its jti.
 */
#ifndef DIALTONE_CRYPTO_SESSION_TOKEN_H
#define DIALTONE_CRYPTO_SESSION_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "crypto/keyring.h"

#define SESSION_TOKEN_MAX 4096 /* characters */

struct session_claims {
	const char *id, *domain, *jti; /* claims id, dom, jti */
	const char *profile_id;        /* NULL when there is none */
	const char *audience;          /* claim aud; NULL when there is none */
	int64_t issued_at, expires_at; /* seconds; claims iat, exp */
	bool two_factor, otp_verified; /* claims 2fa, otp_verified */
	bool two_factor_required;      /* claim 2fa_required, only when true (cti-api 4.3) */
};

/* Signs with the current key.  ERR_LIMIT: it would be longer than SESSION_TOKEN_MAX.
 * ERR_INTERNAL: a text is missing, empty or no UTF-8. */
MUST_CHECK enum err session_token_make(const struct keyring *keys,
	const struct session_claims *claims, struct arena *arena, char **ret_token);
/* ERR_TOKEN_INVALID: not signed by one of our keys, or a claim is missing or of the wrong type.
 * ERR_TOKEN_EXPIRED: expires_at is not after now. Texts live in the arena. */
MUST_CHECK enum err session_token_verify(const struct keyring *keys, struct str token,
	int64_t now_s, struct arena *arena, struct session_claims *ret);

#endif
