#include "base/distinguished_name.h"

#include "../arena.h"
#include "../unit.h"

/* "" when there is none. */
static const char *common_name(const char *name)
{
	const char *found = "";

	return distinguished_name_common_name(arena, str_from(name), &found) ? found : "";
}

static void common_name_is_found_wherever_it_stands(void **state)
{
	(void)state;
	assert_string_equal(common_name("CN=sip:alice@example.org"), "sip:alice@example.org");
	assert_string_equal(common_name("C=IT,O=A B,cn=alice"), "alice");
	assert_string_equal(common_name("OU=x+CN=alice,O=y"), "alice");
	assert_string_equal(common_name("O=,CN=alice"), "alice");
	assert_string_equal(common_name("2.5.4.10=x,CN=alice=b"), "alice=b");
}

static void escapes_are_undone(void **state)
{
	(void)state;
	assert_string_equal(
		common_name("CN=a\\,b\\+c\\\\d\\\"\\20e\\C3\\a8"), "a,b+c\\d\" e\xc3\xa8");
	assert_string_equal(common_name("O=x\\,CN=eve,CN=alice"), "alice");
	assert_string_equal(common_name("O=x\\2CCN=eve,CN=alice"), "alice");
}

static void what_is_ambiguous_or_malformed_has_none(void **state)
{
	static const char *const bad[] = { "", "CN", "CN=", "O=x", "CN=a,CN=b", "CN=a+CN=b",
		"CN=a,", ",CN=a", "/C=IT/CN=alice", "CN=a\\", "CN=a\\z", "CN=a\\0", "CN=a\\00",
		"CN=a\\0Ab", "CN=\\ff", "CN=\"a\"", "CN=a;O=b", "CN=a<b", "C N=a", "=a", "CN=a,O" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(common_name(bad[i]), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(common_name_is_found_wherever_it_stands),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(what_is_ambiguous_or_malformed_has_none),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
