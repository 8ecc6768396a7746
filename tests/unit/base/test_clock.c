#define _GNU_SOURCE
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* All that have a year of four digits, in steps that meet each day of a year in some year. */
static void each_day_has_its_date(void **state)
{
	char sql[CLOCK_SQL_SIZE], want[CLOCK_SQL_SIZE + 8];
	const int64_t first = -62135596800, end = 253402300800, step = 7 * 86400 + 12345;

	(void)state;
	for (int64_t s = first; s < end; s += step) {
		const time_t seconds = s;
		struct tm tm;

		gmtime_r(&seconds, &tm);
		want[strftime(want, sizeof(want), "-%m-%d %H:%M:%S", &tm)] = '\0';
		clock_sql(sql, s * CLOCK_SECOND_US);
		assert_string_equal(sql + 4, want);
		assert_int_equal(strtol(sql, NULL, 10), tm.tm_year + 1900);
	}
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
		"2026-01-02 03:04:05x", "2026-01-02 03:60:05", "2026-01-02 03:04:60",
		"2026-00-01 00:00:00", "2026-01-00 00:00:00", "1900-02-29 00:00:00",
		"2026-01-02 03:04:05+02", "abcd-01-02 03:04:05" };
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(clock_sql_parse(str_from(bad[i]), &us));
}

static void every_day_of_four_centuries_has_its_name(void **state)
{
	char sql[CLOCK_SQL_SIZE], expected[CLOCK_SQL_SIZE];
	const time_t day = 24 * 3600;
	struct tm first = { .tm_year = 1890 - 1900, .tm_mday = 1 };

	(void)state;
	for (time_t t = timegm(&first); t < timegm(&first) + 401 * 366 * day; t += day + 86399) {
		int64_t us;

		strftime(expected, sizeof(expected), "%Y-%m-%d %H:%M:%S", gmtime(&t));
		assert_string_equal(clock_sql(sql, t * CLOCK_SECOND_US), expected);
		assert_true(clock_sql_parse(str_from(sql), &us));
		assert_true(us == t * CLOCK_SECOND_US);
	}
}

static void instants_before_the_epoch_are_spelt_too(void **state)
{
	char iso[CLOCK_ISO_SIZE];

	(void)state;
	assert_string_equal(clock_iso(iso, -1), "1969-12-31T23:59:59.999999Z");
	assert_string_equal(
		clock_iso(iso, -62167219200 * CLOCK_SECOND_US), "0000-01-01T00:00:00.000000Z");
	assert_string_equal(
		clock_rfc3339(iso, 253402300799 * CLOCK_SECOND_US), "9999-12-31T23:59:59Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instants_have_three_spellings),
		cmocka_unit_test(every_day_of_four_centuries_has_its_name),
		cmocka_unit_test(instants_before_the_epoch_are_spelt_too),
		cmocka_unit_test(each_day_has_its_date),
		cmocka_unit_test(stamps_are_read_back),
		cmocka_unit_test(what_is_no_date_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
