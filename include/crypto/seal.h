/*
 * Secrets we must be able to read again, encrypted with AES-256-GCM (NIST SP 800-38D).
 *
 *   +---------+-----------+----------+---------------+--------+
 *   | 1       | key id    | nonce    | ciphertext    | tag    |
 *   | 1 byte  | 2, big e. | 12 bytes | as long as it | 16     |
 *   +---------+-----------+----------+---------------+--------+
 *
 * The first three bytes and `context` are authenticated too.  The context says what the value is and
 * whose ("totp:42"), so that one row's secret cannot be copied into another.  For HA1 and other
 * things SIP servers must read, this is not the tool.
 */
#ifndef DIALTONE_CRYPTO_SEAL_H
#define DIALTONE_CRYPTO_SEAL_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/keyring.h"

#define SEAL_OVERHEAD  31
#define SEAL_PLAIN_MAX (2 << 20)

/* ERR_LIMIT: plain is longer than SEAL_PLAIN_MAX. */
MUST_CHECK enum err seal(const struct keyring *keys, struct str plain, struct str context,
	struct arena *arena, struct str *ret_sealed);
/* ERR_GONE: no key opens it, it belongs to another context, or it was tampered with.  That is what a lost
 * keys file leaves behind, so callers go on without the secret.  One line a minute is logged, with the
 * reason and the number of those since the last one. */
MUST_CHECK enum err unseal(const struct keyring *keys, struct str sealed, struct str context,
	struct arena *arena, struct str *ret_plain);

#endif
