#include "relay/core/leaving.h"

#include "../../unit.h"
#include "alone.h"

static int setup(void **state)
{
	static const struct core_listener *const none[] = { NULL };

	(void)state;
	alone_setup(none);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	alone_teardown();
	return 0;
}

static size_t ended(void)
{
	size_t n = 0;

	for (size_t i = 0; i < client_n; i++)
		n += clients[i].ended;
	return n;
}

static void clients_leave_at_the_fastest_rate_that_was_asked_for(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		leaving_add(alone_live_client()->client, i ? 10 : 20, SIO_END_RETRY);
	leaving_end_some(&core, 1000);
	assert_int_equal(ended(), 20);
	leaving_end_some(&core, 25);
	assert_int_equal(ended(), 20);
	leaving_end_some(&core, 25);
	assert_int_equal(ended(), 21);
	assert_int_equal(core.counters.sessions_leaving, 79);
}

static void those_who_wait_longest_go_first_and_no_client_waits_twice(void **state)
{
	struct alone_client *first = alone_live_client(), *second = alone_live_client();

	(void)state;
	leaving_add(first->client, 1, SIO_END_RETRY);
	leaving_add(second->client, 1, SIO_END_RETRY);
	leaving_add(first->client, 1, SIO_END_RETRY);
	assert_int_equal(core.counters.sessions_leaving, 2);
	leaving_end_some(&core, 1000);
	assert_true(first->ended);
	assert_false(second->ended);
}

static void relay_that_goes_says_so_to_all_who_wait(void **state)
{
	struct alone_client *one = alone_live_client();

	(void)state;
	leaving_add(one->client, 10, SIO_END_RETRY);
	leaving_add(alone_live_client()->client, 10, SIO_END_RESTART);
	leaving_end_some(&core, 1000);
	assert_int_equal(one->how, SIO_END_RESTART);
}

static void those_who_missed_something_are_spread_over_resync_ms(void **state)
{
	(void)state;
	for (int i = 0; i < ALONE_MAX; i++)
		leaving_resync(alone_live_client()->client);
	assert_int_equal(core.counters.resyncs, ALONE_MAX);
	leaving_end_some(&core, 1000);
	assert_int_equal(ended(), 50);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(clients_leave_at_the_fastest_rate_that_was_asked_for),
		TEST(those_who_wait_longest_go_first_and_no_client_waits_twice),
		TEST(relay_that_goes_says_so_to_all_who_wait),
		TEST(those_who_missed_something_are_spread_over_resync_ms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
