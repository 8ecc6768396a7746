/* One session of a user and client type is in use, over all relays (cti-api 2.3 and 3.6). */
#include "stage.h"

#define OWNER    "cti1:{" DOMAIN "}:own:alice:desktop"
#define WAIT_MS  8000
#define EVICT_MS 2000

static const char *owner(const char *field)
{
	return REDIS_TEXT(STR("HGET"), STR(OWNER), str_from(field));
}

static struct client *alice(struct relay *r, const char *jti)
{
	return client_of(r, "alice", jti, "desktop");
}

static struct client *alice_waiting(struct relay *r, const char *jti)
{
	return client_waiting(r, "alice", jti, "desktop");
}

/* Rule 1. */

static void first_login_is_in_use_at_once(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = alice(aa, "A");

	(void)state;
	assert_string_equal(owner("relay"), "aa");
	assert_string_equal(owner("sid"), c->sio.id);
	assert_string_equal(owner("jti"), "A");
	assert_in_range(REDIS_NUMBER(STR("TTL"), STR(OWNER)), 80, 90);
}

static void types_and_users_do_not_replace_each_other(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *desktop = alice(aa, "A");

	(void)state;
	client_of(aa, "alice", "B", "mobile");
	client_of(aa, "alice", "C", NULL);
	client_of(aa, "alice", "D", NULL);
	client_of(aa, "bob", "E", "desktop");
	assert_said(desktop, "");
}

/* Rule 2. */

static void second_tab_of_a_session_joins_it_and_is_the_one_in_use(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *tab = alice(ab, "A");

	(void)state;
	publish(USER_OF("alice"), "[\"both\"]");
	assert_said(old, "both");
	assert_said(tab, "both");
	assert_string_equal(owner("relay"), "ab");
	assert_string_equal(owner("sid"), tab->sio.id);
}

/* Rules 3 and 4. */

static void newcomer_waits_and_nothing_is_told_it_meanwhile(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *fresh = alice_waiting(ab, "B");

	(void)state;
	assert_said(old, "takeOver");
	publish(USER_OF("alice"), "[\"meanwhile\"]");
	client_send(fresh, "1[\"ping\"]");
	assert_said(old, "meanwhile");
	assert_said(fresh, "43");
	assert_int_equal(client_ms(fresh), WAIT_MS);
	assert_said(fresh, "authe_ok");
	assert_string_equal(owner("sid"), fresh->sio.id);
	assert_string_equal(owner("jti"), "B");
	assert_string_equal(owner("pend_sid"), "");
}

static void ack_of_the_old_session_lets_the_newcomer_in(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *fresh = alice_waiting(ab, "B");

	(void)state;
	assert_said(old, "takeOver");
	stage_pass(100);
	client_send(old, "[\"takeOverAck\"]");
	assert_said(fresh, "authe_ok");
	assert_int_equal(client_ms(old), EVICT_MS);
	assert_said(old, "41 left");
	stage_pass(WAIT_MS);
	assert_said(fresh, "");
}

static void ack_nobody_waits_for_changes_nothing(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = alice(aa, "A");

	(void)state;
	client_send(c, "[\"takeOverAck\"]");
	stage_pass(WAIT_MS);
	assert_said(c, "");
	assert_string_equal(owner("sid"), c->sio.id);
}

static void end_of_the_old_session_lets_the_newcomer_in(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *fresh = alice_waiting(ab, "B");

	(void)state;
	stage_pass(100);
	client_drop(old);
	assert_said(fresh, "authe_ok");
	assert_string_equal(owner("sid"), fresh->sio.id);
}

static void logout_of_the_old_session_lets_the_newcomer_in(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *fresh = alice_waiting(ab, "B");

	(void)state;
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"u\":\"alice\",\"o\":\"revoke\",\"j\":[\"A\"]}");
	assert_said(old, "takeOver 401 41 left");
	assert_said(fresh, "authe_ok");
}

static void old_session_of_a_dead_relay_is_not_waited_for(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");

	(void)state;
	alice(aa, "A");
	relay_die(aa);
	alice(ab, "B");
	assert_string_equal(owner("relay"), "ab");
}

static void old_session_its_relay_has_forgotten_is_not_waited_for(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");

	(void)state;
	client_of(ab, "bob", "X", NULL);
	REDIS_NUMBER(STR("HSET"), STR(OWNER), STR("relay"), STR("ab"), STR("sid"),
		STR("AAAAAAAAAAAAAAAAAAAA"), STR("jti"), STR("A"));
	alice(aa, "B");
}

static void old_session_that_stays_is_sent_away_two_seconds_later(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *fresh = alice_waiting(ab, "B");

	(void)state;
	assert_said(old, "takeOver");
	stage_pass(WAIT_MS);
	assert_said(fresh, "authe_ok");
	assert_said(old, "");
	assert_int_equal(client_ms(old), EVICT_MS);
	assert_said(old, "41 left");
	stage_pass(WAIT_MS);
	assert_said(fresh, "");
}

static void all_tabs_of_the_old_session_are_told_and_sent_away(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *one = alice(aa, "A"), *two = alice(ab, "A"), *three = alice(aa, "A");
	struct client *fresh = alice_waiting(ab, "B"), *late;

	(void)state;
	assert_said(one, "takeOver");
	assert_said(two, "takeOver");
	assert_said(three, "takeOver");
	late = alice(ab, "A");
	stage_pass(WAIT_MS);
	assert_said(late, "takeOver");
	assert_said(fresh, "authe_ok");
	stage_pass(EVICT_MS);
	assert_said(one, "41 left");
	assert_said(two, "41 left");
	assert_said(three, "41 left");
	assert_said(late, "41 left");
	assert_said(fresh, "");
}

/* Rule 5. */

static void third_login_displaces_the_one_that_waits_and_inherits_its_time(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab"), *ac = relay_start("ac");
	struct client *old = alice(aa, "A"), *second = alice_waiting(ab, "B"), *third;
	char until[32];

	(void)state;
	stage_pass(3000);
	strcpy(until, owner("pend_until"));
	third = alice_waiting(ac, "C");
	assert_string_equal(owner("pend_until"), until);
	assert_string_equal(owner("pend_sid"), third->sio.id);
	assert_said(second, "takeOver");
	assert_int_equal(client_ms(second), EVICT_MS);
	assert_said(second, "41 left");
	assert_said(third, "");
	stage_pass(WAIT_MS - 3000 - EVICT_MS);
	assert_said(third, "authe_ok");
	stage_pass(EVICT_MS);
	assert_said(old, "takeOver 41 left");
}

static void ack_lets_the_third_in_and_not_the_second(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *second = alice_waiting(ab, "B"),
		      *third = alice_waiting(ab, "C");

	(void)state;
	client_send(old, "[\"takeOverAck\"]");
	assert_said(third, "authe_ok");
	assert_said(second, "takeOver");
	stage_pass(EVICT_MS);
	assert_said(second, "41 left");
	assert_string_equal(owner("jti"), "C");
}

/* Rule 6. */

static void newcomer_that_gives_up_leaves_the_old_session_in_use(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *fresh = alice_waiting(ab, "B");

	(void)state;
	client_drop(fresh);
	client_send(old, "[\"takeOverAck\"]");
	stage_pass(WAIT_MS + EVICT_MS);
	assert_said(old, "takeOver");
	assert_string_equal(owner("sid"), old->sio.id);
	assert_string_equal(owner("pend_sid"), "");
}

static void old_session_that_was_asked_in_vain_stays_known(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *fresh = alice_waiting(ab, "B");

	(void)state;
	client_drop(fresh);
	stage_pass(100000);
	assert_said(old, "takeOver");
	assert_string_equal(owner("sid"), old->sio.id);
}

static void old_session_that_was_asked_in_vain_is_asked_by_the_next(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *fresh = alice_waiting(ab, "B");

	(void)state;
	client_drop(fresh);
	stage_pass(WAIT_MS);
	assert_said(old, "takeOver");
	alice_waiting(ab, "C");
	assert_said(old, "takeOver");
}

/* A session and its tabs. */

static void session_is_in_use_as_long_as_one_of_its_tabs_is_open(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *tab = alice(aa, "A"), *newer = alice(ab, "A"), *fresh;

	(void)state;
	client_drop(newer);
	fresh = alice_waiting(ab, "B");
	assert_said(tab, "takeOver");
	assert_said(fresh, "");
}

static void two_tabs_of_a_session_may_wait_together(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *one = alice_waiting(ab, "B"),
		      *two = alice_waiting(aa, "B");

	(void)state;
	stage_pass(WAIT_MS);
	assert_said(one, "authe_ok");
	assert_said(two, "authe_ok");
	stage_pass(WAIT_MS);
	assert_said(one, "");
	assert_said(two, "");
	assert_said(old, "takeOver 41 left");
}

static void tab_that_waits_is_not_forgotten_when_a_newer_one_gives_up(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *one = alice_waiting(ab, "B"),
		      *two = alice_waiting(aa, "B");

	(void)state;
	client_drop(two);
	stage_pass(WAIT_MS);
	assert_said(one, "");
	assert_said(old, "takeOver takeOver");
	client_send(old, "[\"takeOverAck\"]");
	assert_said(one, "authe_ok");
}

static void session_with_a_new_token_is_still_the_same(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A");

	(void)state;
	session_copy("alice", "B", "all", stage_wall_s() + 1000000);
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"u\":\"alice\",\"o\":\"rebind\",\"old\":\"A\","
			"\"new\":\"B\"}");
	assert_string_equal(owner("jti"), "B");
	alice(ab, "B");
	assert_said(old, "");
}

static void login_with_a_new_token_is_still_the_same(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A");

	(void)state;
	session_copy("alice", "B", "all", stage_wall_s() + 1000000);
	client_log_in(old, "alice", "B", "desktop");
	assert_said(old, "authe_ok");
	assert_string_equal(owner("jti"), "B");
	alice(ab, "B");
	assert_said(old, "");
}

/* Bad days. */

static void lost_answer_costs_the_newcomer_the_whole_wait(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *old = alice(aa, "A"), *fresh = alice_waiting(ab, "B");

	(void)state;
	relay_cut(ab, LINE_EVENTS);
	relay_hold(ab, LINE_EVENTS, true);
	client_send(old, "[\"takeOverAck\"]");
	relay_hold(ab, LINE_EVENTS, false);
	relay_mend(ab);
	assert_said(fresh, "");
	assert_int_equal(client_ms(fresh), WAIT_MS);
	assert_said(fresh, "authe_ok");
}

static bool somebody_waits(void)
{
	return *owner("pend_sid");
}

static void third_login_displaces_one_that_does_not_yet_know_that_it_waits(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *second;

	(void)state;
	alice(aa, "A");
	relay_hold(ab, LINE_COMMANDS, true);
	second = alice_waiting(ab, "B");
	relay_hold(ab, LINE_COMMANDS, false);
	relay_stop_when(ab, somebody_waits);
	alice_waiting(aa, "C");
	assert_said(second, "takeOver");
	relay_hear(ab);
	stage_pass(EVICT_MS);
	assert_said(second, "41 left");
}

static void newcomer_may_get_a_new_token_while_it_waits(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *fresh;

	(void)state;
	alice(aa, "A");
	fresh = alice_waiting(ab, "B");
	session_copy("alice", "C", "all", stage_wall_s() + 1000000);
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"u\":\"alice\",\"o\":\"rebind\",\"old\":\"B\","
			"\"new\":\"C\"}");
	stage_pass(WAIT_MS);
	assert_said(fresh, "authe_ok");
	assert_string_equal(owner("jti"), "C");
}

static void owner_is_refreshed_as_long_as_it_lives(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = alice(aa, "A");

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		stage_pass(30000);
		assert_in_range(REDIS_NUMBER(STR("TTL"), STR(OWNER)), 30, 90);
	}
	assert_string_equal(owner("sid"), c->sio.id);
	client_drop(c);
	assert_int_equal(REDIS_NUMBER(STR("EXISTS"), STR(OWNER)), 0);
}

static void redis_that_forgets_the_owner_learns_it_again(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = alice(aa, "A");

	(void)state;
	REDIS_NUMBER(STR("DEL"), STR(OWNER));
	stage_pass(30000);
	assert_string_equal(owner("sid"), c->sio.id);
}

static void newcomer_whose_time_comes_without_redis_gets_in_when_it_is_back(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *fresh;

	(void)state;
	alice(aa, "A");
	fresh = alice_waiting(ab, "B");
	relay_cut(ab, LINE_COMMANDS);
	relay_hold(ab, LINE_COMMANDS, true);
	stage_pass(WAIT_MS);
	assert_said(fresh, "");
	relay_hold(ab, LINE_COMMANDS, false);
	relay_mend(ab);
	assert_int_equal(client_ms(fresh), WAIT_MS);
	assert_said(fresh, "authe_ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_login_is_in_use_at_once),
		TEST(types_and_users_do_not_replace_each_other),
		TEST(second_tab_of_a_session_joins_it_and_is_the_one_in_use),
		TEST(newcomer_waits_and_nothing_is_told_it_meanwhile),
		TEST(ack_of_the_old_session_lets_the_newcomer_in),
		TEST(ack_nobody_waits_for_changes_nothing),
		TEST(end_of_the_old_session_lets_the_newcomer_in),
		TEST(logout_of_the_old_session_lets_the_newcomer_in),
		TEST(old_session_of_a_dead_relay_is_not_waited_for),
		TEST(old_session_its_relay_has_forgotten_is_not_waited_for),
		TEST(old_session_that_stays_is_sent_away_two_seconds_later),
		TEST(all_tabs_of_the_old_session_are_told_and_sent_away),
		TEST(third_login_displaces_the_one_that_waits_and_inherits_its_time),
		TEST(ack_lets_the_third_in_and_not_the_second),
		TEST(newcomer_that_gives_up_leaves_the_old_session_in_use),
		TEST(old_session_that_was_asked_in_vain_stays_known),
		TEST(old_session_that_was_asked_in_vain_is_asked_by_the_next),
		TEST(session_is_in_use_as_long_as_one_of_its_tabs_is_open),
		TEST(two_tabs_of_a_session_may_wait_together),
		TEST(tab_that_waits_is_not_forgotten_when_a_newer_one_gives_up),
		TEST(session_with_a_new_token_is_still_the_same),
		TEST(login_with_a_new_token_is_still_the_same),
		TEST(lost_answer_costs_the_newcomer_the_whole_wait),
		TEST(third_login_displaces_one_that_does_not_yet_know_that_it_waits),
		TEST(newcomer_may_get_a_new_token_while_it_waits),
		TEST(owner_is_refreshed_as_long_as_it_lives),
		TEST(redis_that_forgets_the_owner_learns_it_again),
		TEST(newcomer_whose_time_comes_without_redis_gets_in_when_it_is_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
