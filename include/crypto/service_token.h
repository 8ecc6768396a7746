/*
 * Tokens with which this server shows servers of others who it is: JWTs (RFC 7519) signed with a private key
 * that they know the public part of.
 */
#ifndef DIALTONE_CRYPTO_SERVICE_TOKEN_H
#define DIALTONE_CRYPTO_SERVICE_TOKEN_H

#include "base/arena.h"
#include "base/err.h"

enum service_token_algorithm { SERVICE_TOKEN_RS256, SERVICE_TOKEN_ES256 };

struct service_token {
	enum service_token_algorithm algorithm;
	const char *pem;    /* the private key, not encrypted */
	const char *key_id; /* `kid` of the header */
	const char *claims; /* a JSON object */
};

/* In the arena. ERR_INVALID: the key is none of that algorithm, or the claims are no object. */
MUST_CHECK enum err service_token_make(
	const struct service_token *t, struct arena *arena, const char **ret);

#endif
