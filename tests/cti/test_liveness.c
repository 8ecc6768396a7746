/* What Redis knows of live sockets, and whether their sessions are alive themselves (cti-api 3.1, 3.7). */
#include <stdio.h>

#include "stage.h"

#define SOCKETS STR("cti1:{" DOMAIN "}:sess:alice")
#define LOOK_MS 30000

static bool is_listed(const struct client *c)
{
	return REDIS_NUMBER(STR("HEXISTS"), SOCKETS, str_from(c->sio.id)) == 1;
}

static void live_socket_is_listed_with_relay_type_and_session(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", "desktop"),
		      *plain = client_of(aa, "alice", "B", NULL), *stranger = client_open(aa);
	char start[64];

	(void)state;
	snprintf(start, sizeof(start), "aa desktop A %lld ", (long long)stage_wall_s());
	assert_true(
		str_starts(str_from(REDIS_TEXT(STR("HGET"), SOCKETS, str_from(c->sio.id))), start));
	assert_true(str_starts(
		str_from(REDIS_TEXT(STR("HGET"), SOCKETS, str_from(plain->sio.id))), "aa - B "));
	assert_false(is_listed(stranger));
	client_drop(c);
	assert_false(is_listed(c));
	assert_true(is_listed(plain));
}

static void entry_lives_as_long_as_its_socket(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		stage_pass(LOOK_MS);
		assert_true(is_listed(c));
		assert_in_range(REDIS_NUMBER(STR("TTL"), SOCKETS), 30, 90);
	}
}

static void entry_of_a_dead_relay_is_forgotten_after_ninety_seconds(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *dead = client_of(aa, "alice", "A", NULL), *c;

	(void)state;
	relay_die(aa);
	c = client_of(ab, "alice", "B", NULL);
	stage_pass(60000);
	assert_true(is_listed(dead));
	stage_pass(62000);
	assert_false(is_listed(dead));
	assert_true(is_listed(c));
}

static void redis_that_forgets_everything_learns_it_again(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	REDIS_TEXT(STR("FLUSHALL"));
	session_copy("alice", "A", "all", stage_wall_s() + 1000);
	stage_pass(LOOK_MS);
	assert_true(is_listed(c));
}

/* The first safety net: a look at each session. */

static void revocation_that_was_lost_is_noticed_within_a_minute(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	session_forget("A");
	stage_pass(LOOK_MS);
	assert_int_equal(api_questions(), 1);
	api_answer(SESSION_REFUSED, "");
	assert_said(c, "401 41 left");
}

static void session_only_redis_has_forgotten_stays(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);
	char body[128];

	(void)state;
	session_forget("A");
	stage_pass(LOOK_MS);
	snprintf(body, sizeof(body),
		"{\"username\":\"alice\",\"domain\":\"" DOMAIN "\",\"jti\":\"A\",\"exp\":%lld}",
		(long long)stage_wall_s() + 50);
	api_answer(SESSION_ALIVE, body);
	assert_said(c, "");
	assert_int_equal(client_ms(c), 50000);
	assert_said(c, "401 41 left");
}

static void session_stays_while_the_api_is_away(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	session_forget("A");
	for (unsigned i = 0; i < 5; i++) {
		stage_pass(LOOK_MS);
		api_answer(SESSION_UNKNOWN, "");
	}
	assert_said(c, "");
}

static void answer_about_a_token_that_was_replaced_meanwhile_is_void(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	session_forget("A");
	stage_pass(LOOK_MS);
	assert_int_equal(api_questions(), 1);
	session_copy("alice", "B", "all", stage_wall_s() + 1000);
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"u\":\"alice\",\"o\":\"rebind\",\"old\":\"A\","
			"\"new\":\"B\"}");
	api_answer(SESSION_REFUSED, "");
	assert_said(c, "");
}

static size_t asked_within(int64_t ms)
{
	size_t before = api_questions();

	stage_pass(ms);
	return api_questions() - before;
}

static void looks_are_spread_evenly(void **state)
{
	struct relay *aa = relay_start("aa");

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		client_of(aa, "alice", "A", NULL);
	session_forget("A");
	for (unsigned i = 0; i < 10; i++)
		assert_in_range(asked_within(LOOK_MS / 10), 1, 3);
	assert_in_range(api_questions(), 18, 21);
}

static void machine_that_stood_still_looks_once_at_each(void **state)
{
	struct relay *aa = relay_start("aa");

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		client_of(aa, "alice", "A", NULL);
	session_forget("A");
	stage_leap(3600000);
	assert_int_equal(api_questions(), 3);
}

/* The third: a relay that was not listening asks when it does again. */

static void revocation_that_was_lost_with_the_connection_is_noticed_when_it_is_back(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	relay_cut(aa, LINE_EVENTS);
	session_forget("A");
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"u\":\"alice\",\"o\":\"revoke\",\"j\":[\"A\"]}");
	relay_mend(aa);
	assert_int_equal(api_questions(), 1);
	api_answer(SESSION_REFUSED, "");
	assert_said(c, "401 41 left");
}

static void revocation_that_was_lost_with_both_connections_is_noticed_too(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	relay_cut(aa, LINE_COMMANDS);
	relay_hold(aa, LINE_COMMANDS, true);
	session_forget("A");
	relay_hold(aa, LINE_COMMANDS, false);
	relay_mend(aa);
	assert_int_equal(api_questions(), 1);
	api_answer(SESSION_REFUSED, "");
	assert_said(c, "401 41 left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(live_socket_is_listed_with_relay_type_and_session),
		TEST(entry_lives_as_long_as_its_socket),
		TEST(entry_of_a_dead_relay_is_forgotten_after_ninety_seconds),
		TEST(redis_that_forgets_everything_learns_it_again),
		TEST(revocation_that_was_lost_is_noticed_within_a_minute),
		TEST(session_only_redis_has_forgotten_stays),
		TEST(session_stays_while_the_api_is_away),
		TEST(answer_about_a_token_that_was_replaced_meanwhile_is_void),
		TEST(looks_are_spread_evenly),
		TEST(machine_that_stood_still_looks_once_at_each),
		TEST(revocation_that_was_lost_with_the_connection_is_noticed_when_it_is_back),
		TEST(revocation_that_was_lost_with_both_connections_is_noticed_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
