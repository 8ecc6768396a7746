#include "crypto/hmac_token.h"

#include "../unit.h"

#define NONCE "0123456789abcdef0123456789abcdef01234567"

/* cti-api 1.15. */
static void the_check_vector(void **state)
{
	char token[HMAC_TOKEN_SIZE];

	(void)state;
	hmac_token_make(STR("alice"), STR("secret"), STR(NONCE), token);
	assert_string_equal(token, "64b39ecacf12530101a8f35536ae201a5400cbc0");
}

static void the_name_counts_as_it_was_typed(void **state)
{
	char lower[HMAC_TOKEN_SIZE], upper[HMAC_TOKEN_SIZE];

	(void)state;
	hmac_token_make(STR("alice"), STR("secret"), STR(NONCE), lower);
	hmac_token_make(STR("Alice"), STR("secret"), STR(NONCE), upper);
	assert_string_not_equal(lower, upper);
}

static void a_password_of_any_bytes_and_length_is_a_key(void **state)
{
	char longer[1024], token[HMAC_TOKEN_SIZE];

	(void)state;
	memset(longer, 0xc3, sizeof(longer));
	hmac_token_make(STR(""), (struct str){ longer, sizeof(longer) }, STR(NONCE), token);
	assert_true(hmac_token_is_shaped(str_from(token)));
	hmac_token_make(STR(""), STR(""), STR(""), token);
	assert_true(hmac_token_is_shaped(str_from(token)));
}

static void nonces_are_shaped_like_tokens_and_never_the_same(void **state)
{
	char one[HMAC_TOKEN_SIZE], two[HMAC_TOKEN_SIZE];

	(void)state;
	hmac_nonce_make(one);
	hmac_nonce_make(two);
	assert_true(hmac_token_is_shaped(str_from(one)));
	assert_string_not_equal(one, two);
}

static void anything_else_has_not_the_shape(void **state)
{
	static const char *const others[] = { "", "0", NONCE "0",
		"g123456789abcdef0123456789abcdef01234567",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(hmac_token_is_shaped(str_from(others[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_vector),
		cmocka_unit_test(the_name_counts_as_it_was_typed),
		cmocka_unit_test(a_password_of_any_bytes_and_length_is_a_key),
		cmocka_unit_test(nonces_are_shaped_like_tokens_and_never_the_same),
		cmocka_unit_test(anything_else_has_not_the_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
