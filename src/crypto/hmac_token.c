#include "crypto/hmac_token.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/encode.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "crypto_priv.h"

#define SHA1_BYTES 20

static char *append(char *to, struct str s)
{
	memcpy(to, s.p, s.n);
	return to + s.n;
}

void hmac_token_make(
	struct str username, struct str password, struct str nonce, char ret[HMAC_TOKEN_SIZE])
{
	size_t n = username.n + password.n + nonce.n + 2;
	char *message = mem_alloc(n), *at = message;
	uint8_t out[SHA1_BYTES];

	at = append(append(at, username), STR(":"));
	at = append(append(at, password), STR(":"));
	append(at, nonce);
	require(password.n <= INT_MAX && HMAC(EVP_sha1(), password.p, (int)password.n,
						 (const uint8_t *)message, n, out, NULL),
		"HMAC-SHA1");
	hex_encode(ret, out, sizeof(out));
	mem_wipe(message, n);
	free(message);
}

void hmac_nonce_make(char ret[HMAC_TOKEN_SIZE])
{
	uint8_t bytes[SHA1_BYTES];

	random_bytes(bytes, sizeof(bytes));
	hex_encode(ret, bytes, sizeof(bytes));
}

bool hmac_token_is_shaped(struct str s)
{
	uint8_t bytes[SHA1_BYTES];

	return hex_decode(bytes, sizeof(bytes), s);
}
