#include "crypto/totp.h"

#include "../unit.h"

static const uint8_t *secret(void)
{
	return (const uint8_t *)"12345678901234567890";
}

/* RFC 6238, appendix B (SHA-1), the last six digits; and the vector of cti-api 1.7. */
static const struct {
	int64_t time;
	const char *code;
} vectors[] = {
	{ 59, "287082" },
	{ 1111111109, "081804" },
	{ 1111111111, "050471" },
	{ 1234567890, "005924" },
	{ 1760000000, "466049" },
	{ 2000000000, "279037" },
	{ 20000000000, "353130" },
};

static void codes_are_those_of_rfc_6238(void **state)
{
	char code[TOTP_CODE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		totp_code(secret(), vectors[i].time / TOTP_STEP_SECONDS, code);
		assert_string_equal(code, vectors[i].code);
	}
}

static void secret_is_shown_in_base32(void **state)
{
	char text[TOTP_SECRET_SIZE];

	(void)state;
	totp_secret_text(secret(), text);
	assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static void code_is_accepted_one_step_early_or_late_and_no_more(void **state)
{
	const int64_t step = 1760000000 / TOTP_STEP_SECONDS, start = step * TOTP_STEP_SECONDS;
	int64_t matched = 0;

	(void)state;
	assert_true(totp_check(secret(), start - 1, STR("466049"), &matched));
	assert_int_equal(matched, step);
	assert_true(totp_check(secret(), start + 59, STR("466049"), &matched));
	assert_int_equal(matched, step);
	assert_false(totp_check(secret(), start - 31, STR("466049"), &matched));
	assert_false(totp_check(secret(), start + 60, STR("466049"), &matched));
}

static void clock_may_be_29_seconds_off(void **state)
{
	char code[TOTP_CODE_SIZE];
	int64_t step;

	(void)state;
	for (int64_t now = 1760000000; now < 1760000000 + TOTP_STEP_SECONDS; now++) {
		totp_code(secret(), (now - 29) / TOTP_STEP_SECONDS, code);
		assert_true(totp_check(secret(), now, str_from(code), &step));
		totp_code(secret(), (now + 29) / TOTP_STEP_SECONDS, code);
		assert_true(totp_check(secret(), now, str_from(code), &step));
	}
}

static void code_of_another_length_is_wrong(void **state)
{
	int64_t step;

	(void)state;
	assert_false(totp_check(secret(), 59, STR(""), &step));
	assert_false(totp_check(secret(), 59, STR("28708"), &step));
	assert_false(totp_check(secret(), 59, STR("2870820"), &step));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_rfc_6238),
		cmocka_unit_test(secret_is_shown_in_base32),
		cmocka_unit_test(code_is_accepted_one_step_early_or_late_and_no_more),
		cmocka_unit_test(clock_may_be_29_seconds_off),
		cmocka_unit_test(code_of_another_length_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
