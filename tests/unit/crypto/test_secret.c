#include "crypto/secret.h"

#include "../unit.h"

static void only_the_same_bytes_are_equal(void **state)
{
	(void)state;
	assert_true(secret_is_equal(STR("abc"), STR("abc")));
	assert_true(secret_is_equal(STR(""), (struct str){ NULL, 0 }));
	assert_false(secret_is_equal(STR("abc"), STR("abd")));
	assert_false(secret_is_equal(STR("abc"), STR("ab")));
	assert_false(secret_is_equal(STR("a\0b"), STR("a\0c")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_same_bytes_are_equal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
