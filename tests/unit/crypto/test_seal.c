#include "crypto/seal.h"

#include "keys.h"

static void what_was_sealed_comes_back(void **state)
{
	struct context *c = *state;
	struct str sealed, again, plain;

	assert_int_equal(seal(c->keys, STR("secret"), STR("totp:42"), c->arena, &sealed), ERR_OK);
	assert_int_equal(sealed.n, 6 + SEAL_OVERHEAD);
	assert_int_equal(unseal(c->keys, sealed, STR("totp:42"), c->arena, &plain), ERR_OK);
	assert_str_equal(plain, "secret");
	assert_int_equal(seal(c->keys, STR("secret"), STR("totp:42"), c->arena, &again), ERR_OK);
	assert_false(str_eq(sealed, again));
}

static void empty_text_and_empty_context_work(void **state)
{
	struct context *c = *state;
	struct str sealed, plain;

	assert_int_equal(seal(c->keys, STR(""), STR(""), c->arena, &sealed), ERR_OK);
	assert_int_equal(unseal(c->keys, sealed, STR(""), c->arena, &plain), ERR_OK);
	assert_int_equal(plain.n, 0);
	assert_int_equal(unseal(c->keys, sealed, STR("x"), c->arena, &plain), ERR_GONE);
}

static void another_context_or_any_changed_byte_is_refused(void **state)
{
	struct context *c = *state;
	struct str sealed, plain = STR("untouched");

	assert_int_equal(seal(c->keys, STR("secret"), STR("totp:42"), c->arena, &sealed), ERR_OK);
	assert_int_equal(unseal(c->keys, sealed, STR("totp:43"), c->arena, &plain), ERR_GONE);
	char *bytes = arena_strndup(c->arena, sealed.p, sealed.n);
	struct str changed = { bytes, sealed.n };

	for (size_t i = 0; i < sealed.n; i++) {
		bytes[i] ^= 1;
		assert_int_equal(
			unseal(c->keys, changed, STR("totp:42"), c->arena, &plain), ERR_GONE);
		bytes[i] ^= 1;
	}
	for (changed.n = 0; changed.n < sealed.n; changed.n++)
		assert_int_equal(
			unseal(c->keys, changed, STR("totp:42"), c->arena, &plain), ERR_GONE);
	assert_str_equal(plain, "untouched");
}

static void old_keys_open_and_missing_ones_do_not(void **state)
{
	struct context *c = *state;
	struct keyring *after = keys_from(KEYS_AFTER_CHANGE), *other = keys_from(KEYS_OTHER);
	struct str sealed, fresh, plain;

	assert_int_equal(seal(c->keys, STR("secret"), STR("x"), c->arena, &sealed), ERR_OK);
	assert_int_equal(unseal(after, sealed, STR("x"), c->arena, &plain), ERR_OK);
	assert_str_equal(plain, "secret");
	assert_int_equal(unseal(other, sealed, STR("x"), c->arena, &plain), ERR_GONE);
	assert_int_equal(seal(after, STR("secret"), STR("x"), c->arena, &fresh), ERR_OK);
	assert_int_equal(unseal(other, fresh, STR("x"), c->arena, &plain), ERR_OK);
	keyring_free(&after);
	keyring_free(&other);
}

static void too_long_is_refused(void **state)
{
	struct context *c = *state;
	char *big = arena_alloc(c->arena, SEAL_PLAIN_MAX + 1);
	struct str sealed, plain;

	assert_int_equal(
		seal(c->keys, (struct str){ big, SEAL_PLAIN_MAX + 1 }, STR("x"), c->arena, &sealed),
		ERR_LIMIT);
	assert_int_equal(
		seal(c->keys, (struct str){ big, SEAL_PLAIN_MAX }, STR("x"), c->arena, &sealed),
		ERR_OK);
	assert_int_equal(unseal(c->keys, sealed, STR("x"), c->arena, &plain), ERR_OK);
	assert_int_equal(plain.n, SEAL_PLAIN_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_KEYS(what_was_sealed_comes_back),
		WITH_KEYS(empty_text_and_empty_context_work),
		WITH_KEYS(another_context_or_any_changed_byte_is_refused),
		WITH_KEYS(old_keys_open_and_missing_ones_do_not),
		WITH_KEYS(too_long_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
