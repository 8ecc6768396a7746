#include "crypto/totp.h"

#include <liboath/oath.h>

#include "crypto/secret.h"
#include "crypto_priv.h"

#define WINDOW 1

void totp_secret_text(const uint8_t secret[TOTP_SECRET_BYTES], char ret[TOTP_SECRET_SIZE])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned bits = 0, pending = 0;
	char *out = ret;

	for (int i = 0; i < TOTP_SECRET_BYTES; i++) {
		bits = (bits << 8 | secret[i]) & 0xfff;
		for (pending += 8; pending >= 5; pending -= 5)
			*out++ = alphabet[bits >> (pending - 5) & 31];
	}
	*out = '\0';
}

void totp_code(const uint8_t secret[TOTP_SECRET_BYTES], int64_t step, char ret[TOTP_CODE_SIZE])
{
	int rc = oath_hotp_generate((const char *)secret, TOTP_SECRET_BYTES, (uint64_t)step,
		TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, ret);

	require(rc == OATH_OK, "a one-time password");
}

bool totp_check(
	const uint8_t secret[TOTP_SECRET_BYTES], int64_t now_s, struct str code, int64_t *ret_step)
{
	int64_t now = now_s / TOTP_STEP_SECONDS;
	char expected[TOTP_CODE_SIZE];
	bool found = false;

	for (int64_t step = now - WINDOW; step <= now + WINDOW; step++) {
		totp_code(secret, step, expected);
		if (secret_is_equal(str_from(expected), code)) {
			*ret_step = step;
			found = true;
		}
	}
	return found;
}
