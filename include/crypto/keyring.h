/*
 * The server's keys, read from a file that only the server may read.
 *
 *   # purpose  id  key (64 hexadecimal digits)
 *   jwt    1 000102...
 *   seal   2 a0b0c0...
 *
 * Each purpose has keys of its own.  The highest id signs and encrypts; up to three older ones are
 * kept for verifying and decrypting what was made with them.  To change a key: keyring_rotate(), then
 * SIGHUP, to the programs that verify before those that sign.
 */
#ifndef DIALTONE_CRYPTO_KEYRING_H
#define DIALTONE_CRYPTO_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define KEY_BYTES  32
#define KEY_ID_MAX 65535
#define KEYS_KEPT  4

enum key_purpose {
	KEY_JWT,    /* session tokens */
	KEY_SEAL,   /* recoverable secrets in the database */
	KEY_DIGEST, /* nonces of HTTP Digest */
	KEY_TOKEN,  /* other signed or keyed values */
	KEY_PURPOSES
};

struct key {
	uint16_t id; /* from 1 */
	uint8_t bytes[KEY_BYTES];
};

struct keyring;

/* Logs what is wrong, with the line, never a key.  ERR_NOT_FOUND: no such file.  ERR_FORBIDDEN:
 * others may read it.  ERR_INVALID: a line is wrong, an id is repeated, a purpose has no key.
 * ERR_UNAVAILABLE: it cannot be read. */
MUST_CHECK enum err keyring_load(const char *path, struct keyring **ret);
/* The same from text in memory; name is what the log calls it. */
MUST_CHECK enum err keyring_parse(const char *name, struct str text, struct keyring **ret);
/* Wipes it. */
void keyring_free(struct keyring **k);

/* Never NULL. */
const struct key *keyring_current(const struct keyring *k, enum key_purpose purpose);
/* NULL when there is no such key (any more). */
const struct key *keyring_find(const struct keyring *k, enum key_purpose purpose, uint16_t id);
/* The key at this place, the newest at 0; NULL behind the last. */
const struct key *keyring_at(const struct keyring *k, enum key_purpose purpose, size_t place);

/* "jwt", "seal", "digest", "token"; false when it is none of them. */
bool key_purpose_parse(struct str name, enum key_purpose *ret);

/* Writes a new file, mode 0600, with one key for each purpose, whose id is the one after `used`: what was
 * made with a lost key must not seem to be made with a new one.  ERR_CONFLICT: there is a file already.
 * ERR_LIMIT: the ids are used up.  ERR_UNAVAILABLE: it cannot be written; logged. */
MUST_CHECK enum err keyring_create(const char *path, int64_t used);
/* Adds a key, its id above those of the file and `used`, and drops those beyond the four newest; the file is replaced in one step, keeps owner
 * and mode, loses comments.  Errors of keyring_load(); ERR_LIMIT: the ids are used up;
 * ERR_CONFLICT: path.new exists, another run is doing the same. */
MUST_CHECK enum err keyring_rotate(const char *path, enum key_purpose purpose, int64_t used);

#endif
