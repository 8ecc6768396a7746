#include "crypto/token_cache.h"

#include <stdio.h>

#include "keys.h"

#define NOW 1760000100

static const char *made(
	struct arena *arena, const struct keyring *keys, const char *id, int64_t expires_at)
{
	char *token;

	assert_int_equal(session_token_make(keys,
				 &(struct session_claims){ .id = id,
					 .domain = "example.org",
					 .jti = "AAECAwQFBgcICQoLDA0ODw",
					 .issued_at = NOW - 10,
					 .expires_at = expires_at },
				 arena, &token),
		ERR_OK);
	return token;
}

static void a_token_is_the_same_again(void **state)
{
	struct keyring *keys = keys_from(KEYS_OLD);
	struct token_cache *cache = token_cache_new(keys);
	struct arena *arena = arena_new(1024);
	struct session_claims claims;
	char id[16];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 1000; i++) {
			snprintf(id, sizeof(id), "user%d", i);
			const char *token = made(arena, keys, id, NOW + 60);

			assert_int_equal(
				token_cache_verify(cache, str_from(token), NOW, &claims), ERR_OK);
			assert_string_equal(claims.id, id);
		}
	token_cache_free(&cache);
	arena_free(&arena);
	keyring_free(&keys);
}

static void a_remembered_token_still_expires(void **state)
{
	struct keyring *keys = keys_from(KEYS_OLD);
	struct token_cache *cache = token_cache_new(keys);
	struct arena *arena = arena_new(1024);
	struct str token = str_from(made(arena, keys, "alice", NOW + 60));
	struct session_claims claims;

	(void)state;
	assert_int_equal(token_cache_verify(cache, token, NOW, &claims), ERR_OK);
	assert_int_equal(token_cache_verify(cache, token, NOW + 59, &claims), ERR_OK);
	assert_int_equal(token_cache_verify(cache, token, NOW + 60, &claims), ERR_TOKEN_EXPIRED);
	token_cache_free(&cache);
	arena_free(&arena);
	keyring_free(&keys);
}

static void a_refused_token_is_refused_again(void **state)
{
	struct keyring *keys = keys_from(KEYS_OLD);
	struct token_cache *cache = token_cache_new(keys);
	struct arena *arena = arena_new(1024);
	const char *good = made(arena, keys, "alice", NOW + 60);
	char *bad = arena_strdup(arena, good);
	struct session_claims claims;

	(void)state;
	bad[strlen(bad) - 2] = bad[strlen(bad) - 2] == 'A' ? 'B' : 'A';
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			token_cache_verify(cache, str_from(bad), NOW, &claims), ERR_TOKEN_INVALID);
		assert_int_equal(token_cache_verify(cache, str_from(good), NOW, &claims), ERR_OK);
	}
	token_cache_free(&cache);
	arena_free(&arena);
	keyring_free(&keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_the_same_again),
		cmocka_unit_test(a_remembered_token_still_expires),
		cmocka_unit_test(a_refused_token_is_refused_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
