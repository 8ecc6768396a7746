/* What is done little by little: ends and signs of life (cti-api 3.1 and 3.8). */
#include <stdio.h>

#include "stage.h"

#define CROWD 300

static struct client *crowd[CROWD];

static size_t gone(void)
{
	size_t count = 0;

	for (size_t i = 0; i < CROWD; i++)
		count += crowd[i]->ended;
	return count;
}

static struct relay *fill(void)
{
	struct relay *aa = relay_start("aa");

	aa->settings.user_sockets_max = CROWD;
	for (size_t i = 0; i < CROWD; i++)
		crowd[i] = client_of(aa, "alice", "A", NULL);
	return aa;
}

static void drained_relay_ends_so_many_transports_a_second(void **state)
{
	struct relay *aa = fill();

	(void)state;
	cti_drain(aa->cti, 70);
	assert_int_equal(gone(), 0);
	for (size_t i = 1; i <= 4; i++) {
		stage_pass(1000);
		assert_in_range(gone(), 70 * i - 4, 70 * i + 4);
	}
	stage_pass(1000);
	assert_int_equal(gone(), CROWD);
	assert_said(crowd[0], "restart");
	assert_said(crowd[CROWD - 1], "restart");
	assert_int_equal(relay_counters(aa).sessions_leaving, 0);
}

static void drained_relay_does_not_pretend_to_stay(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"o\":\"resync\",\"rooms\":[\"all\"]}");
	cti_drain(aa->cti, 50);
	stage_pass(1000);
	assert_said(c, "restart");
}

static void client_that_leaves_by_itself_is_no_longer_waited_for(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	cti_drain(aa->cti, 1);
	assert_int_equal(relay_counters(aa).sessions_leaving, 1);
	client_drop(c);
	assert_int_equal(relay_counters(aa).sessions_leaving, 0);
	stage_pass(2000);
	assert_said(c, "");
}

static void relay_tells_every_five_seconds_that_it_is_alive(void **state)
{
	const char *score;
	char expected[32];

	(void)state;
	relay_start("aa");
	for (unsigned i = 0; i < 3; i++) {
		stage_pass(5000);
		score = REDIS_TEXT(STR("ZSCORE"), STR("cti1:relays"), STR("aa"));
		snprintf(expected, sizeof(expected), "%lld", (long long)stage_wall_s() * 1000);
		assert_string_equal(score, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(drained_relay_ends_so_many_transports_a_second),
		TEST(drained_relay_does_not_pretend_to_stay),
		TEST(client_that_leaves_by_itself_is_no_longer_waited_for),
		TEST(relay_tells_every_five_seconds_that_it_is_alive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
