/*
 * SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104).
 *
 * Enough for what is random by itself: API keys and tokens are stored as their SHA-256.  It is no
 * way to store a password people choose.
 */
#ifndef DIALTONE_CRYPTO_HASH_H
#define DIALTONE_CRYPTO_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "crypto/keyring.h"

#define HASH_BYTES 32
#define SHA1_BYTES 20

void hash_sha256(struct str data, uint8_t ret[HASH_BYTES]);
/* What stands for a token in the database: its hash, in the arena; and the same in hexadecimal digits. */
struct str hash_text(struct arena *a, const char *text);
const char *hash_text_hex(struct arena *a, const char *text);
/* For those who ask for it: OVH. */
#define SHA1_HEX_SIZE (2 * SHA1_BYTES + 1)
void hash_sha1_hex(struct str data, char ret[SHA1_HEX_SIZE]);
/* For those who ask for it: TURN. */
void hash_hmac_sha1(struct str key, struct str data, uint8_t ret[SHA1_BYTES]);
void hash_hmac_sha256(struct str key, struct str data, uint8_t ret[HASH_BYTES]);
/* The same with a key of ours, as hexadecimal digits: stands for what may not be stored itself. */
const char *hash_hmac_hex(struct arena *a, const struct key *key, const char *text);

#endif
