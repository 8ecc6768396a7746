#include "crypto/session_token.h"

#include "fuzz.h"

#define NOW 1700000000

#define KEY(purpose, digit) purpose " 1 " digit digit digit digit "\n"
#define SIXTEEN(digit)                                                                            \
	digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit \
		digit

static const char keys_text[] = KEY("jwt", SIXTEEN("1")) KEY("seal", SIXTEEN("2"))
	KEY("digest", SIXTEEN("3")) KEY("token", SIXTEEN("4"));

static struct keyring *keys;

static void load_keys(void)
{
	if (!keys)
		require(keyring_parse("keys", str_from(keys_text), &keys) == ERR_OK);
}

/* Bytes that we did not sign are never a token. */
static void check_stranger(struct arena *a, struct str token)
{
	struct session_claims claims;

	require(session_token_verify(keys, token, NOW, a, &claims) != ERR_OK);
}

/* A token of ours is read back, and no longer when one character of it is another. */
static void check_ours(struct arena *a, const char *id, size_t place)
{
	struct session_claims made = { .id = id,
		.domain = "dial.example.org",
		.jti = "6f1c",
		.issued_at = NOW,
		.expires_at = NOW + 60 };
	struct session_claims read;
	char *token;

	if (session_token_make(keys, &made, a, &token) != ERR_OK)
		return;
	require(session_token_verify(keys, str_from(token), NOW, a, &read) == ERR_OK);
	require(strcmp(read.id, id) == 0 && read.expires_at == made.expires_at);
	require(session_token_verify(keys, str_from(token), NOW + 60, a, &read) ==
		ERR_TOKEN_EXPIRED);
	token[place % strlen(token)] ^= 1;
	require(session_token_verify(keys, str_from(token), NOW, a, &read) == ERR_TOKEN_INVALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);
	struct arena *a = arena_new(4096);

	load_keys();
	check_stranger(a, text);
	if (size > 0)
		check_ours(a, arena_strndup(a, text.p, text.n), data[0]);
	arena_free(&a);
	return 0;
}
