#include "../unit.h"

#include "../../../src/redis/redis_priv.h"

#define WAIT_MS 30000
/* A part of more than 63 bytes: no server is asked. */
#define UNKNOWN_HOST "no-host-has-a-name-of-more-than-sixty-three-bytes-between-its-dots.example"

static void numbers_and_names_of_this_machine_have_addresses(void **state)
{
	static const char *const rows[][2] = { { "10.1.2.3", "10.1.2.3" }, { "::1", "::1" },
		{ "localhost", "127.0.0.1" } };
	struct lookup *l = lookup_new();
	char address[LOOKUP_ADDRESS];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(lookup_address(l, rows[i][0], WAIT_MS, address), ERR_OK);
		assert_string_equal(address, rows[i][1]);
	}
	lookup_free(&l);
}

static void an_answer_that_is_not_awaited_any_more_is_not_taken_for_another(void **state)
{
	struct lookup *l = lookup_new();
	char address[LOOKUP_ADDRESS];
	enum err e;

	(void)state;
	for (int i = 0; i < 20; i++) {
		e = lookup_address(l, UNKNOWN_HOST, 0, address);
		assert_true(e == ERR_AGAIN || e == ERR_UNAVAILABLE);
		do
			e = lookup_address(l, "localhost", WAIT_MS, address);
		while (e == ERR_AGAIN);
		assert_int_equal(e, ERR_OK);
		assert_string_equal(address, "127.0.0.1");
	}
	lookup_free(&l);
}

static void it_can_be_freed_while_it_asks(void **state)
{
	struct lookup *l = lookup_new();
	char address[LOOKUP_ADDRESS];

	(void)state;
	assert_int_not_equal(lookup_address(l, UNKNOWN_HOST, 0, address), ERR_OK);
	lookup_free(&l);
	assert_null(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_names_of_this_machine_have_addresses),
		cmocka_unit_test(an_answer_that_is_not_awaited_any_more_is_not_taken_for_another),
		cmocka_unit_test(it_can_be_freed_while_it_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
