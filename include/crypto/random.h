/*
 * Random values that cannot be guessed, from OpenSSL's generator.
 *
 * They never fail: a machine without randomness ends the process.
 */
#ifndef DIALTONE_CRYPTO_RANDOM_H
#define DIALTONE_CRYPTO_RANDOM_H

#include <stddef.h>

#include "base/arena.h"

void random_bytes(void *out, size_t n);
/* n characters of [A-Za-z0-9], each equally likely: 5.95 bits each. */
char *random_token(struct arena *arena, size_t n);
/* n decimal digits, each equally likely. */
char *random_digits(struct arena *arena, size_t n);
/* Four digits, 1000 to 9999, each number equally likely: people type them. */
char *random_pin(struct arena *arena);
/* 128 bits as 22 characters of base64url, for identifiers such as a jti. */
char *random_id(struct arena *arena);

#endif
