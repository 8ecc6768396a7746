/* Channels are subscribed while a client needs them, and a little longer (cti-api 3.4). */
#include "stage.h"

#define LINGER_MS 15000

static int64_t listeners(const char *channel)
{
	return REDIS_NUMBER(STR("PUBLISH"), str_from(channel), STR("[\"x\"]"));
}

static void channel_is_left_fifteen_seconds_after_its_last_member(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *one = client_of(aa, "alice", "A", NULL),
		      *two = client_of(aa, "alice", "A", NULL);

	(void)state;
	assert_int_equal(listeners(USER_OF("alice")), 1);
	client_drop(one);
	stage_pass(2 * LINGER_MS);
	assert_int_equal(listeners(USER_OF("alice")), 1);
	client_drop(two);
	stage_pass(LINGER_MS - 1);
	assert_int_equal(listeners(USER_OF("alice")), 1);
	assert_int_equal(listeners(ROOM_OF("all")), 1);
	stage_pass(1);
	assert_int_equal(listeners(USER_OF("alice")), 0);
	assert_int_equal(listeners(ROOM_OF("all")), 0);
	assert_int_equal(relay_counters(aa).channels, 2);
}

static void client_that_comes_back_in_time_finds_its_channel(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	client_drop(c);
	stage_pass(LINGER_MS - 1);
	relay_hold(aa, LINE_EVENTS, true);
	c = client_of(aa, "alice", "A", NULL);
	relay_hold(aa, LINE_EVENTS, false);
	stage_pass(2 * LINGER_MS);
	assert_int_equal(listeners(USER_OF("alice")), 1);
}

static void channels_nobody_here_is_in_are_not_subscribed(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");

	(void)state;
	client_of(aa, "alice", "A", NULL);
	client_of(ab, "bob", "B", NULL);
	assert_int_equal(listeners(USER_OF("alice")), 1);
	assert_int_equal(listeners(ROOM_OF("all")), 2);
	assert_int_equal(listeners(ROOM_OF("ext.clear")), 0);
	assert_int_equal(listeners("cti1:ctl"), 2);
	assert_int_equal(listeners("cti1:n:aa"), 1);
}

static void users_with_unusual_names_have_encoded_channels(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "a:b c", "A", NULL);

	(void)state;
	publish(USER_OF("a%3Ab%20c"), "[\"heard\"]");
	assert_said(c, "heard");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(channel_is_left_fifteen_seconds_after_its_last_member),
		TEST(client_that_comes_back_in_time_finds_its_channel),
		TEST(channels_nobody_here_is_in_are_not_subscribed),
		TEST(users_with_unusual_names_have_encoded_channels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
