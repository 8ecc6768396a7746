#include "crypto/random.h"

#include <ctype.h>

#include "../unit.h"

#define SAMPLE 62000

static void token_characters_are_equally_likely(void **state)
{
	struct arena *a = arena_new(1024);
	const char *token = random_token(a, SAMPLE);
	unsigned seen[256] = { 0 }, kinds = 0;

	(void)state;
	assert_int_equal(strlen(token), SAMPLE);
	for (size_t i = 0; i < SAMPLE; i++)
		seen[(unsigned char)token[i]]++;
	for (int c = 0; c < 256; c++) {
		if (!seen[c])
			continue;
		kinds++;
		assert_true(isalnum(c));
		/* 1000 expected, standard deviation 31; with modulo bias some would have 1210. */
		assert_in_range(seen[c], 800, 1200);
	}
	assert_int_equal(kinds, 62);
	arena_free(&a);
}

static void digits_are_digits(void **state)
{
	struct arena *a = arena_new(64);
	const char *code = random_digits(a, 500);

	(void)state;
	assert_int_equal(strspn(code, "0123456789"), 500);
	assert_int_equal(code[500], '\0');
	for (char c = '0'; c <= '9'; c++)
		assert_non_null(strchr(code, c));
	arena_free(&a);
}

static void a_pin_is_four_digits_without_a_leading_zero(void **state)
{
	struct arena *a = arena_new(64);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		const char *pin = random_pin(a);

		assert_int_equal(strspn(pin, "0123456789"), 4);
		assert_int_equal(strlen(pin), 4);
		assert_int_not_equal(*pin, '0');
	}
	arena_free(&a);
}

static void ids_are_22_characters_and_differ(void **state)
{
	struct arena *a = arena_new(64);
	const char *one = random_id(a), *two = random_id(a);

	(void)state;
	assert_int_equal(strlen(one), 22);
	assert_string_not_equal(one, two);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(token_characters_are_equally_likely),
		cmocka_unit_test(digits_are_digits),
		cmocka_unit_test(a_pin_is_four_digits_without_a_leading_zero),
		cmocka_unit_test(ids_are_22_characters_and_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
