#include "base/clock.h"

#include "../unit.h"

static void instants_have_three_spellings(void **state)
{
	char iso[CLOCK_ISO_SIZE], sql[CLOCK_SQL_SIZE];
	int64_t us = 1767323045 * CLOCK_SECOND_US + 7;

	(void)state;
	assert_string_equal(clock_iso(iso, us), "2026-01-02T03:04:05.000007Z");
	assert_string_equal(clock_rfc3339(iso, us), "2026-01-02T03:04:05Z");
	assert_string_equal(clock_sql(sql, us), "2026-01-02 03:04:05");
}

static void stamps_are_read_back(void **state)
{
	int64_t us = 0;

	(void)state;
	assert_true(clock_sql_parse(STR("2026-01-02 03:04:05"), &us));
	assert_int_equal(us, 1767323045 * CLOCK_SECOND_US);
	assert_true(clock_sql_parse(STR("2026-01-02 03:04:05.12+00"), &us));
	assert_int_equal(us, 1767323045 * CLOCK_SECOND_US + 120000);
	assert_true(clock_sql_parse(STR("2028-02-29 00:00:00"), &us));
}

static void what_is_no_date_is_refused(void **state)
{
	static const char *const bad[] = { "", "2026-01-02", "2026-01-02T03:04:05",
		"2026-02-29 00:00:00", "2026-13-01 00:00:00", "2026-01-02 24:00:00",
		"2026-01-02 03:04:05x", "2026-01-02 03:04:05+02", "abcd-01-02 03:04:05" };
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(clock_sql_parse(str_from(bad[i]), &us));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instants_have_three_spellings),
		cmocka_unit_test(stamps_are_read_back),
		cmocka_unit_test(what_is_no_date_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
