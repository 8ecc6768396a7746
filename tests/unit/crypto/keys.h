/* Keyrings with known keys for the tests of crypto/. */
#ifndef DIALTONE_TESTS_UNIT_CRYPTO_KEYS_H
#define DIALTONE_TESTS_UNIT_CRYPTO_KEYS_H

#include "../unit.h"
#include "base/arena.h"
#include "crypto/keyring.h"

#define KEY_00 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_AA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

#define KEYS_OLD "jwt 1 " KEY_00 "\nseal 1 " KEY_00 "\ndigest 1 " KEY_00 "\ntoken 1 " KEY_00 "\n"
#define KEYS_AFTER_CHANGE \
	KEYS_OLD "jwt 2 " KEY_AA "\nseal 2 " KEY_AA "\ndigest 2 " KEY_AA "\ntoken 2 " KEY_AA "\n"
#define KEYS_OTHER "jwt 2 " KEY_AA "\nseal 2 " KEY_AA "\ndigest 2 " KEY_AA "\ntoken 2 " KEY_AA "\n"

static inline struct keyring *keys_from(const char *text)
{
	struct keyring *k = NULL;

	assert_int_equal(keyring_parse("test", str_from(text), &k), ERR_OK);
	return k;
}

/* Of one test. */
struct context {
	struct arena *arena;
	struct keyring *keys;
};

static inline int open_context(void **state)
{
	struct context *c = *state = test_calloc(1, sizeof(*c));

	c->arena = arena_new(1024);
	c->keys = keys_from(KEYS_OLD);
	return 0;
}

static inline int close_context(void **state)
{
	struct context *c = *state;

	keyring_free(&c->keys);
	arena_free(&c->arena);
	test_free(c);
	return 0;
}

#define WITH_KEYS(name) cmocka_unit_test_setup_teardown(name, open_context, close_context)

#endif
