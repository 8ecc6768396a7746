#include "../unit.h"

#include "base/request_id.h"

static void only_what_can_stand_anywhere_is_acceptable(void **state)
{
	static const char longest[] =
		"0123456789012345678901234567890123456789012345678901234567890123";
	static const char *const good[] = { "a", "Zz09-_.", longest };
	static const char *const bad[] = { "", " ", "a b", "a\nb", "a=b", "a\"b", "a\\b",
		"\xc3\xa9", "a%0ab",
		"01234567890123456789012345678901234567890123456789012345678901234" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(request_id_is_acceptable(str_from(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(request_id_is_acceptable(str_from(bad[i])));
	assert_false(request_id_is_acceptable((struct str){ "a\0b", 3 }));
}

static void those_made_here_are_acceptable_and_differ(void **state)
{
	char one[REQUEST_ID_SIZE], two[REQUEST_ID_SIZE];

	(void)state;
	request_id_make(one);
	request_id_make(two);
	assert_true(request_id_is_acceptable(str_from(one)));
	assert_string_not_equal(one, two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_can_stand_anywhere_is_acceptable),
		cmocka_unit_test(those_made_here_are_acceptable_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
