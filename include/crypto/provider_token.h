/*
 * Tokens of a space's identity provider: JWTs (RFC 7519) signed with RS256, RS384, RS512 or ES256, as
 * accounts-api 3.4 describes them.
 *
 * The key says which algorithms are verified with it, and the token's header has to name one of these: an RSA
 * key opens nothing that is signed with HMAC or not at all, a P-256 key nothing that RSA signed.  There is
 * one key, so `kid` says nothing new.  A token that verifies says what its issuer says; whose account that is,
 * and whether there is one, is for the caller.
 */
#ifndef DIALTONE_CRYPTO_PROVIDER_TOKEN_H
#define DIALTONE_CRYPTO_PROVIDER_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"

#define PROVIDER_TOKEN_MAX 8192 /* characters */
#define PROVIDER_SKEW_S    60   /* of clocks */
#define PROVIDER_PEM_MAX   8192
#define PROVIDER_CLAIM_MAX 64 /* characters of a claim's name */

struct provider_key;

/* One PEM block of a public key: RSA of 2048 to 8192 bits, or P-256.  NULL: it is nothing of these. */
struct provider_key *provider_key_new(struct str pem);
void provider_key_free(struct provider_key **k);

/* What a token has to fit; NULL: whatever. */
struct provider_rules {
	const struct provider_key *key;
	const char *issuer, *audience;
	const char *sip_claim; /* the claim that holds the SIP address; never NULL */
};

/* NULL and TRI_UNSET: not there. */
struct provider_claims {
	const char *sip, *email;
	enum tri email_verified;
};

/* Whether it has the header of such a token, and is for provider_token_verify(). */
bool provider_token_is_one(struct str token, struct arena *arena);

/* ERR_TOKEN_INVALID, ERR_TOKEN_EXPIRED, with the reason for the client in *ret_why, which is static. Texts live
 * in the arena. */
MUST_CHECK enum err provider_token_verify(const struct provider_rules *rules, struct str token,
	int64_t now_s, struct arena *arena, struct provider_claims *ret, const char **ret_why);

#endif
