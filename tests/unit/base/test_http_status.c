#include "base/http_status.h"

#include "../unit.h"
#include "base/err.h"

static void every_error_of_ours_has_a_name(void **state)
{
	(void)state;
	for (int e = 0; e < ERR_COUNT; e++) {
		const char *reason = http_status_reason(err_table[e].told.status);

		if (err_table[e].told.status >= 400)
			assert_string_not_equal(reason, http_status_reason(499));
	}
}

static void the_names_are_those_of_the_rfc(void **state)
{
	(void)state;
	assert_string_equal(http_status_reason(200), "OK");
	assert_string_equal(http_status_reason(204), "No Content");
	assert_string_equal(http_status_reason(422), "Unprocessable Content");
	assert_string_equal(http_status_reason(490), "Space Expired");
	assert_string_equal(http_status_reason(503), "Service Unavailable");
}

static void a_status_without_a_name_has_that_of_its_hundred(void **state)
{
	(void)state;
	assert_string_equal(http_status_reason(299), "Successful");
	assert_string_equal(http_status_reason(499), "Client Error");
	assert_string_equal(http_status_reason(599), "Server Error");
	assert_string_equal(http_status_reason(0), "Unknown");
	assert_string_equal(http_status_reason(-1), "Unknown");
	assert_string_equal(http_status_reason(1000), "Unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_of_ours_has_a_name),
		cmocka_unit_test(the_names_are_those_of_the_rfc),
		cmocka_unit_test(a_status_without_a_name_has_that_of_its_hundred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
