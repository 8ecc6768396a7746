#include "base/deprecation.h"

#include "../unit.h"

static void both_headers_name_the_same_second(void **state)
{
	struct deprecation d;

	(void)state;
	deprecation_init(&d, INT64_C(1780272000) * 1000000);
	assert_string_equal(d.deprecation, "@1780272000");
	assert_string_equal(d.sunset, "Mon, 01 Jun 2026 00:00:00 GMT");
	deprecation_init(&d, INT64_C(1830211200) * 1000000);
	assert_string_equal(d.sunset, "Fri, 31 Dec 2027 00:00:00 GMT");
}

static void the_widest_date_fits(void **state)
{
	struct deprecation d;

	(void)state;
	deprecation_init(&d, INT64_C(253402300799) * 1000000);
	assert_string_equal(d.deprecation, "@253402300799");
	assert_string_equal(d.sunset, "Fri, 31 Dec 9999 23:59:59 GMT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_headers_name_the_same_second),
		cmocka_unit_test(the_widest_date_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
