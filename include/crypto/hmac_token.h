/*
 * The token of the HMAC login of old clients (cti-api 1.15):
 *
 *   lower-case hexadecimal of HMAC-SHA1(key = password, username ":" password ":" nonce)
 *
 * Both sides compute it; only the server's SHA-256 of it is kept.
 */
#ifndef DIALTONE_CRYPTO_HMAC_TOKEN_H
#define DIALTONE_CRYPTO_HMAC_TOKEN_H

#include "base/str.h"

#define HMAC_TOKEN_SIZE 41 /* 40 digits and a NUL */
/* Begins the id of a session opened with such a token; the hash of the token follows. */
#define HMAC_SESSION_PREFIX "legacy-"

/* username and password byte for byte as the client sent them. */
void hmac_token_make(
	struct str username, struct str password, struct str nonce, char ret[HMAC_TOKEN_SIZE]);
/* As many random digits: a nonce. */
void hmac_nonce_make(char ret[HMAC_TOKEN_SIZE]);
/* Whether it has the form of one: 40 hexadecimal digits. */
bool hmac_token_is_shaped(struct str s);

#endif
