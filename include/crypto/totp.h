/*
 * Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, 6 digits, steps
 * of 30 s, a secret of 20 bytes (cti-api 1.7).
 *
 * A code is accepted one step early or late.  That each step opens a door once is the caller's rule:
 * the step is returned for it to be remembered.
 */
#ifndef DIALTONE_CRYPTO_TOTP_H
#define DIALTONE_CRYPTO_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define TOTP_SECRET_BYTES 20
#define TOTP_SECRET_SIZE  33 /* 32 characters of base32 and a NUL */
#define TOTP_DIGITS       6
#define TOTP_CODE_SIZE    (TOTP_DIGITS + 1)
#define TOTP_STEP_SECONDS 30

/* base32 of RFC 4648, upper-case, without padding: what people type into an app. */
void totp_secret_text(const uint8_t secret[TOTP_SECRET_BYTES], char ret[TOTP_SECRET_SIZE]);
/* The code of one step: the number of steps since the epoch. */
void totp_code(const uint8_t secret[TOTP_SECRET_BYTES], int64_t step, char ret[TOTP_CODE_SIZE]);
/* True when the code belongs to the step of now_s or one of its neighbours; all three are compared
 * whatever matches. */
bool totp_check(
	const uint8_t secret[TOTP_SECRET_BYTES], int64_t now_s, struct str code, int64_t *ret_step);

#endif
