/* Shared inside crypto/. */
#ifndef DIALTONE_CRYPTO_CRYPTO_PRIV_H
#define DIALTONE_CRYPTO_CRYPTO_PRIV_H

#include <stddef.h>

#include "base/str.h"
#include "crypto/ha1.h"

/* H(parts joined by ":") in lower-case hexadecimal, as RFC 7616 writes all its formulas. */
void hash_joined(enum digest_algorithm a, const struct str *parts, size_t n, char ret[HA1_SIZE]);

/* Ends the process when OpenSSL refuses what cannot be refused: out of memory, or no provider. */
void require(int ok, const char *what);

#endif
