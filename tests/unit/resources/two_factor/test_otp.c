#include "../../../../src/resources/two_factor/otp.h"

#include "../../arena.h"

static void a_code_is_six_digits_and_nothing_else(void **state)
{
	static const char *const refused[] = { "", "12345", "1234567", "12345a", " 12345", "12345 ",
		"+12345", "-12345", "0x1234", "１２３４５６", "12345\n", "123-456", "123.456",
		"123 4567", "      ", "123456\n" };

	(void)state;
	assert_string_equal(otp_parse(arena, "000000"), "000000");
	assert_string_equal(otp_parse(arena, "987654"), "987654");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_null(otp_parse(arena, refused[i]));
}

static void blanks_in_and_around_a_code_do_not_count(void **state)
{
	(void)state;
	assert_string_equal(otp_parse(arena, "123 456"), "123456");
	assert_string_equal(otp_parse(arena, "  12 34\t56 "), "123456");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_six_digits_and_nothing_else),
		cmocka_unit_test(blanks_in_and_around_a_code_do_not_count),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
