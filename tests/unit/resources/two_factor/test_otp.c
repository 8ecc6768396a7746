#include "../../../../src/resources/two_factor/otp.h"

#include "../../unit.h"

static void a_code_is_six_digits_and_nothing_else(void **state)
{
	static const char *const refused[] = { "", "12345", "1234567", "12345a", " 12345", "12345 ",
		"+12345", "-12345", "0x1234", "１２３４５６", "12345\n" };

	(void)state;
	assert_true(otp_is_well_formed("000000"));
	assert_true(otp_is_well_formed("987654"));
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(otp_is_well_formed(refused[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_six_digits_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
