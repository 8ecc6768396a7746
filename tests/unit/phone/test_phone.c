#include "phone/phone.h"

#include <stdio.h>

#include "../unit.h"

static void possible_numbers_are_taken_in_their_one_form(void **state)
{
	static const struct {
		const char *typed, *e164, *calling_code, *region;
	} rows[] = {
		{ "+33612345678", "+33612345678", "33", "FR" },
		{ "+390721000000", "+390721000000", "39", "IT" }, /* the zero belongs to it */
		{ "+4402079460000", "+442079460000", "44", "GB" },
		{ "+16502530000", "+16502530000", "1", "US" },
		{ "+77012345678", "+77012345678", "7", "RU" },
		{ "+80012345678", "+80012345678", "800", "001" },
		{ "+33999999999", "+33999999999", "33", "FR" }, /* not valid, but possible */
	};
	struct phone_number n;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(phone_number_parse(str_from(rows[i].typed), &n));
		assert_string_equal(n.e164, rows[i].e164);
		assert_string_equal(n.calling_code, rows[i].calling_code);
		assert_string_equal(n.region, rows[i].region);
		assert_null(phone_number_check(str_from(rows[i].typed)));
	}
}

static void all_else_is_no_number(void **state)
{
	static const char *const rows[] = { "", "+", "0612345678", "0033612345678", "+33 612345678",
		"+336123", "+3361234567890", "+999123456789", "+210123456789", "+33612345678x",
		"tel:+33612345678", "+336123\xd9\xa1", "+\xef\xbc\x93\063612345678",
		"+33612345678;ext=1", "+1234567890123456", "alice@sip.example.org" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_ptr_equal(phone_number_check(str_from(rows[i])), &text_phone);
}

static void a_form_read_again_stays(void **state)
{
	struct phone_number once, twice;
	char text[32];

	(void)state;
	phone_start();
	for (int code = 1; code < 1000; code++)
		for (const char *rest = "02345678901234"; strlen(rest) > 4; rest++) {
			snprintf(text, sizeof(text), "+%d%s", code, rest);
			if (!phone_number_parse(str_from(text), &once))
				continue;
			assert_true(phone_number_parse(str_from(once.e164), &twice));
			assert_string_equal(once.e164, twice.e164);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(possible_numbers_are_taken_in_their_one_form),
		cmocka_unit_test(all_else_is_no_number),
		cmocka_unit_test(a_form_read_again_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
