/*
 * What HTTP Digest computes (RFC 7616, 3.4): the response, and nonces that need no storage.
 *
 * A nonce is 32 bytes in lower-case hexadecimal, bound to one account and one client address:
 *
 *   +------------+---------------+--------+--------------------------------------------+
 *   | epoch      | issued        | random | HMAC-SHA-256 of these, account and address |
 *   | 4, big e.  | 4, seconds    | 8      | first 16 bytes                             |
 *   +------------+---------------+--------+--------------------------------------------+
 *
 * The epoch is carried for the caller, who counts nc.  Reading headers, judging the age of a nonce and
 * refusing a repeated nc are the caller's.
 */
#ifndef DIALTONE_CRYPTO_DIGEST_H
#define DIALTONE_CRYPTO_DIGEST_H

#include <stdint.h>

#include "base/err.h"
#include "crypto/ha1.h"
#include "crypto/keyring.h"

#define DIGEST_NONCE_SIZE 65 /* 64 digits and a NUL */

/* The parts as received, quotes removed. */
struct digest_parts {
	struct str ha1, nonce, nc, cnonce, qop, method, uri;
};

/* H(HA1:nonce:nc:cnonce:qop:H(method:uri)) in lower-case hexadecimal. */
void digest_response(enum digest_algorithm a, const struct digest_parts *parts, char ret[HA1_SIZE]);

void digest_nonce_make(const struct keyring *keys, uint32_t epoch, int64_t now_s,
	int64_t account_id, const char *ip, char ret[DIGEST_NONCE_SIZE]);
/* ERR_DIGEST_INVALID: not one of ours, or made for another account or address. */
MUST_CHECK enum err digest_nonce_check(const struct keyring *keys, struct str nonce,
	int64_t account_id, const char *ip, uint32_t *ret_epoch, int64_t *ret_issued_s);

/* The opaque that goes with a nonce: 64 digits. */
void digest_opaque_make(const struct keyring *keys, struct str nonce, char ret[DIGEST_NONCE_SIZE]);
/* Also true for one made before the key was changed. */
bool digest_opaque_is_valid(const struct keyring *keys, struct str nonce, struct str opaque);

#endif
