#define _GNU_SOURCE
#include "base/iso8601.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"

#include "../unit.h"

static const char *read_as(const char *text)
{
	static char iso[CLOCK_ISO_SIZE];
	int64_t us;

	return iso8601_parse(str_from(text), &us) ? clock_iso(iso, us) : "refused";
}

static void every_form_is_the_instant_it_means(void **state)
{
	static const struct {
		const char *text, *instant;
	} forms[] = {
		{ "2026-01-31", "2026-01-31T00:00:00.000000Z" },
		{ "20260131", "2026-01-31T00:00:00.000000Z" },
		{ "2026-031", "2026-01-31T00:00:00.000000Z" },
		{ "2026031", "2026-01-31T00:00:00.000000Z" },
		{ "2026-W05-6", "2026-01-31T00:00:00.000000Z" },
		{ "2026W056", "2026-01-31T00:00:00.000000Z" },
		{ "2026-01-31T23:59", "2026-01-31T23:59:00.000000Z" },
		{ "2026-01-31 23:59", "2026-01-31T23:59:00.000000Z" },
		{ "2026-01-31T2359", "2026-01-31T23:59:00.000000Z" },
		{ "20260131T235958", "2026-01-31T23:59:58.000000Z" },
		{ "2026-01-31T235958", "2026-01-31T23:59:58.000000Z" },
		{ "20260131 23:59:58", "2026-01-31T23:59:58.000000Z" },
		{ "2026-01-31T23:59:58Z", "2026-01-31T23:59:58.000000Z" },
		{ "2026-01-31T23:59:58.5Z", "2026-01-31T23:59:58.500000Z" },
		{ "2026-01-31T23:59:58,123Z", "2026-01-31T23:59:58.123000Z" },
		{ "2026-01-31T23:59:58.123456789Z", "2026-01-31T23:59:58.123456Z" },
		{ "20260131T235958.25+0130", "2026-01-31T22:29:58.250000Z" },
		{ "2026-01-31T23:59:58+01", "2026-01-31T22:59:58.000000Z" },
		{ "2026-01-31T23:59:58+01:30", "2026-01-31T22:29:58.000000Z" },
		{ "2026-01-31T23:59:58-00:30", "2026-02-01T00:29:58.000000Z" },
		{ "2026-01-31 23:59-1145", "2026-02-01T11:44:00.000000Z" },
		{ "2026-W05-6T23:59Z", "2026-01-31T23:59:00.000000Z" },
		{ "2028-366T00:00Z", "2028-12-31T00:00:00.000000Z" },
		{ "2020-W53-7", "2021-01-03T00:00:00.000000Z" },
		{ "2020-W01-1", "2019-12-30T00:00:00.000000Z" },
		{ "1970-01-01", "1970-01-01T00:00:00.000000Z" },
		{ "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z" },
		{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z" },
		{ "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		assert_string_equal(read_as(forms[i].text), forms[i].instant);
}

static void what_is_no_instant_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "yesterday", "now", "2026", "2026-", "2026-01",
		"202601", "26-01-31", "2026-1-31", "2026-01-31T", "2026-01-31 ", " 2026-01-31",
		"2026-01-31T2", "2026-01-31T23", "2026-01-31T23:5",
		"2026-01-31T23:59:", "2026-01-31T23:59:5", "2026-01-31T235", "2026-01-31T23595",
		"2026-01-31T23:5958", "2026-01-31T2359:58", "2026-01-31T23:59:58.",
		"2026-01-31T23:59.5", "2026-01-31T23:59:58Zz", "2026-01-31T23:59:58z",
		"2026-01-31t23:59:58Z", "2026-01-31T23:59:58 Z", "2026-01-31T23:59:58+",
		"2026-01-31T23:59:58+1", "2026-01-31T23:59:58+01:", "2026-01-31T23:59:58+01:3",
		"2026-01-31T23:59:58+013", "2026-01-31T23:59:58+24", "2026-01-31T23:59:58+01:60",
		"2026-01-31T23:59:58+-1:00", "2026-01-31Z", "2026-01-31+01", "2026-01-31T24:00",
		"2026-01-31T24:00:00", "2026-01-31T23:60", "2026-06-30T23:59:60Z", "2026-00-01",
		"2026-13-01", "2026-01-00", "2026-01-32", "2026-02-29", "1900-02-29", "2026-04-31",
		"2026-0131", "202601-31", "2026-000", "2026-366", "2028-367", "2026-W00-1",
		"2026-W05-0", "2026-W05-8", "2026-W056", "2026W05-6", "2026-W05", "2021-W53-1",
		"2026-W54-1", "0000-01-01", "0001-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01", "9999-W52-6", "-2026-01-31", "+2026-01-31",
		"12026-01-31", "2026/01/31", "31.01.2026", "2026-01-31T23:59:58.5e1", "1769903998",
		"P1D" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (strcmp(read_as(bad[i]), "refused") != 0)
			fail_msg("%s was read as %s", bad[i], read_as(bad[i]));
}

static void what_stands_behind_a_nul_counts(void **state)
{
	int64_t us;

	(void)state;
	assert_false(iso8601_parse((struct str){ "2026-01-31\0", 11 }, &us));
}

static void expect_instant(const char *text, time_t t)
{
	int64_t us;

	assert_true(iso8601_parse(str_from(text), &us));
	assert_true(us == t * CLOCK_SECOND_US);
}

/* Month, ordinal and week of the C library agree with ours on each day of four centuries. */
static void three_calendars_agree(void **state)
{
	const time_t day = 24 * 3600;
	struct tm first = { .tm_year = 1890 - 1900, .tm_mday = 1 }, tm;
	char text[32];

	(void)state;
	for (time_t t = timegm(&first); t < timegm(&first) + 401 * 366 * day; t += day) {
		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), "%Y-%m-%d", &tm);
		expect_instant(text, t);
		strftime(text, sizeof(text), "%Y%j", &tm);
		expect_instant(text, t);
		strftime(text, sizeof(text), "%G-W%V-%u", &tm);
		expect_instant(text, t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_the_instant_it_means),
		cmocka_unit_test(what_is_no_instant_is_refused),
		cmocka_unit_test(what_stands_behind_a_nul_counts),
		cmocka_unit_test(three_calendars_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
