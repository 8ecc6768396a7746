#include "base/siphash.h"

#include <stdio.h>

#include "../unit.h"

#define KEYS    4096
#define BUCKETS 256

static void equal_keys_have_equal_hashes_wherever_they_lie(void **state)
{
	const char text[] = "xxan account, and moreyyyan account, and more";

	(void)state;
	for (size_t n = 0; n <= 20; n++)
		assert_true(siphash((struct str){ text + 2, n }) ==
			    siphash((struct str){ text + 25, n }));
}

/* The length is part of it: a text and its beginning, also with NULs behind, are different keys. */
static void every_byte_and_the_length_count(void **state)
{
	char text[24] = { 0 };

	(void)state;
	for (size_t n = 1; n <= sizeof(text); n++) {
		uint64_t before = siphash((struct str){ text, n });

		assert_true(before != siphash((struct str){ text, n - 1 }));
		for (size_t i = 0; i < n; i++) {
			text[i] ^= 1;
			assert_true(before != siphash((struct str){ text, n }));
			text[i] ^= 1;
		}
	}
}

static void keys_that_differ_little_are_spread(void **state)
{
	size_t count[BUCKETS] = { 0 }, fullest = 0;
	char key[16];

	(void)state;
	for (int i = 0; i < KEYS; i++) {
		int n = snprintf(key, sizeof(key), "k%d", i);
		size_t *bucket = &count[siphash((struct str){ key, (size_t)n }) % BUCKETS];

		if (++*bucket > fullest)
			fullest = *bucket;
	}
	assert_true(fullest < 4 * KEYS / BUCKETS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_keys_have_equal_hashes_wherever_they_lie),
		cmocka_unit_test(every_byte_and_the_length_count),
		cmocka_unit_test(keys_that_differ_little_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
