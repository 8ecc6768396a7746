#include "crypto/ha1.h"

#include "../unit.h"

static void known_values(void **state)
{
	char out[HA1_SIZE];

	(void)state;
	ha1_make(DIGEST_MD5, STR("john"), STR("hop.com"), STR("1234"), out);
	assert_string_equal(out, "ce44af78c5f81f5870818b8db523fd95");
	/* RFC 7616, 3.9.1 */
	ha1_make(DIGEST_SHA256, STR("Mufasa"), STR("http-auth@example.org"), STR("Circle of Life"),
		out);
	assert_string_equal(
		out, "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232");
}

static void names_are_those_of_the_rfc(void **state)
{
	enum digest_algorithm a;

	(void)state;
	assert_true(digest_algorithm_parse(STR("md5"), &a));
	assert_int_equal(a, DIGEST_MD5);
	assert_true(digest_algorithm_parse(STR("SHA-256"), &a));
	assert_int_equal(a, DIGEST_SHA256);
	assert_false(digest_algorithm_parse(STR("SHA-256-sess"), &a));
	assert_false(digest_algorithm_parse(STR(""), &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(names_are_those_of_the_rfc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
