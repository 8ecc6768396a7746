/* Orders to relays (cti-api 3.2 and 3.7). */
#include <stdio.h>

#include "stage.h"

#define TO_ALL "cti1:ctl"
#define TO_AA  "cti1:n:aa"

static void order(const char *channel, const char *rest)
{
	char text[640];

	snprintf(text, sizeof(text), "{\"v\":1,\"k\":\"c\",\"o\":%s}", rest);
	publish(channel, text);
}

static void order_about(const char *user, const char *rest)
{
	char text[512];

	snprintf(text, sizeof(text), "%s,\"u\":\"%s\"", rest, user);
	order(ORDERS, text);
}

/* Revocation. */

static void revoked_session_ends_on_every_relay_and_others_stay(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *one = client_of(aa, "alice", "A", NULL),
		      *two = client_of(ab, "alice", "A", NULL),
		      *other = client_of(aa, "alice", "B", NULL),
		      *stranger = client_of(aa, "bob", "A2", NULL);

	(void)state;
	order_about("alice", "\"revoke\",\"j\":[\"X\",\"A\"]");
	assert_said(one, "401 41 left");
	assert_said(two, "401 41 left");
	assert_said(other, "");
	assert_said(stranger, "");
	assert_int_equal(relay_counters(aa).revocations, 1);
}

static void all_sessions_but_one_end(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *one = client_of(aa, "alice", "A", NULL),
		      *two = client_of(aa, "alice", "B", NULL);

	(void)state;
	order_about("alice", "\"revoke\",\"all\":true,\"but\":\"B\"");
	assert_said(one, "401 41 left");
	assert_said(two, "");
	order_about("alice", "\"revoke\",\"all\":true");
	assert_said(two, "401 41 left");
}

static void waiting_login_is_revoked_like_any_other(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *old = client_of(aa, "alice", "A", "desktop"),
		      *fresh = client_waiting(aa, "alice", "B", "desktop");

	(void)state;
	order_about("alice", "\"revoke\",\"j\":[\"B\"]");
	assert_said(fresh, "401 41 left");
	stage_pass(12000);
	assert_said(old, "takeOver");
}

/* A token that replaces another. */

static void socket_of_a_replaced_token_lives_and_ends_with_the_new_one(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	session_forget("A");
	session_copy("alice", "B", "all", stage_wall_s() + 100);
	order_about("alice", "\"rebind\",\"old\":\"A\",\"new\":\"B\"");
	order_about("alice", "\"revoke\",\"j\":[\"A\"]");
	assert_said(c, "");
	assert_int_equal(client_ms(c), 100000);
	assert_said(c, "401 41 left");
	assert_int_equal(api_questions(), 0);
}

static void token_of_another_session_is_not_replaced(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	order_about("alice", "\"rebind\",\"old\":\"X\",\"new\":\"B\"");
	order_about("alice", "\"revoke\",\"j\":[\"B\"]");
	assert_said(c, "");
}

/* Permissions. */

static void changed_permissions_are_other_rooms(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	order_about("alice", "\"perm\",\"rooms\":[\"ext.ma\",\"q.priv\"],\"ext\":[],\"pv\":2");
	publish(ROOM_OF("all"), "[\"old\"]");
	publish(ROOM_OF("ext.ma"), "[\"masked\"]");
	publish(ROOM_OF("q.priv"), "[\"queue\"]");
	assert_said(c, "masked queue");
}

static void waiting_login_gets_its_new_rooms_too(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *fresh;

	(void)state;
	client_of(aa, "alice", "A", "desktop");
	fresh = client_waiting(aa, "alice", "B", "desktop");
	order_about("alice", "\"perm\",\"rooms\":[\"ext.ma\"],\"ext\":[],\"pv\":2");
	stage_pass(8000);
	publish(ROOM_OF("all"), "[\"old\"]");
	publish(ROOM_OF("ext.ma"), "[\"masked\"]");
	assert_said(fresh, "authe_ok masked");
}

static bool alice_is_listened_to(void)
{
	return REDIS_NUMBER(STR("PUBLISH"), STR(USER_OF("alice")), STR("[\"unheard\"]")) > 0;
}

/* The copy was read before the change and comes after the order. */
static void outdated_answer_does_not_bring_the_old_rooms_back(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_open(aa);

	(void)state;
	session_copy("alice", "A", "all", stage_wall_s() + 1000);
	relay_hold(aa, LINE_COMMANDS, true);
	client_log_in(c, "alice", "A", NULL);
	relay_hold(aa, LINE_COMMANDS, false);
	relay_stop_when(aa, alice_is_listened_to);
	session_copy("alice", "A", "ext.ma", stage_wall_s() + 1000);
	order_about("alice", "\"perm\",\"rooms\":[\"ext.ma\"],\"ext\":[],\"pv\":2");
	relay_hear(aa);
	publish(ROOM_OF("all"), "[\"old\"]");
	publish(ROOM_OF("ext.ma"), "[\"masked\"]");
	assert_said(c, "authe_ok masked");
}

static void new_token_on_the_socket_brings_its_rooms(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	session_copy("alice", "B", "ext.ma", stage_wall_s() + 1000);
	client_log_in(c, "alice", "B", NULL);
	publish(ROOM_OF("all"), "[\"old\"]");
	publish(ROOM_OF("ext.ma"), "[\"masked\"]");
	assert_said(c, "authe_ok masked");
}

/* Kicks. */

static void kicked_socket_is_logged_out_or_comes_back_as_told(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *one = client_of(aa, "alice", "A", NULL),
		      *two = client_of(aa, "alice", "A", NULL),
		      *three = client_of(aa, "alice", "A", NULL);
	char text[128];

	(void)state;
	snprintf(text, sizeof(text), "\"kick\",\"q\":[\"%s\"],\"how\":\"logout\"", one->sio.id);
	order_about("alice", text);
	snprintf(text, sizeof(text), "\"kick\",\"q\":[\"%s\"],\"how\":\"transport\"", two->sio.id);
	order(TO_AA, text);
	assert_said(one, "41 left");
	assert_said(two, "retry");
	assert_said(three, "");
	assert_int_equal(relay_counters(aa).kicks, 2);
}

/* Drain and resync. */

static void drain_is_handed_on_with_its_rate(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");

	(void)state;
	order(TO_AA, "\"drain\",\"rate\":70");
	assert_int_equal(aa->drains, 70);
	assert_int_equal(ab->drains, 0);
	order(TO_ALL, "\"drain\",\"rate\":80");
	assert_int_equal(aa->drains, 150);
	assert_int_equal(ab->drains, 80);
}

static void resync_of_a_user_a_room_and_some_rooms_of_all(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(aa, "bob", "B", NULL), *carol = client_open(aa);

	(void)state;
	session_copy("carol", "C", "park.clear", stage_wall_s() + 1000);
	client_log_in(carol, "carol", "C", NULL);
	order_about("alice", "\"resync\"");
	stage_pass(10000);
	assert_said(alice, "retry");
	order(TO_ALL, "\"resync\",\"rooms\":[\"park.clear\"]");
	stage_pass(10000);
	assert_said(carol, "authe_ok retry");
	assert_said(bob, "");
	order(TO_ALL, "\"resync\"");
	stage_pass(10000);
	assert_said(bob, "retry");
}

static void resync_of_a_room_of_one_domain_leaves_the_others(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *alice = client_of(aa, "alice", "A", NULL), *carol = client_open(aa);

	(void)state;
	session_copy("carol", "C", "park.clear", stage_wall_s() + 1000);
	client_log_in(carol, "carol", "C", NULL);
	order(ORDERS, "\"resync\",\"rooms\":[\"park.clear\"]");
	stage_pass(10000);
	assert_said(carol, "authe_ok retry");
	assert_said(alice, "");
}

/* What a producer may not do: it can publish to users and rooms, and to nothing else. */

static void order_on_a_channel_of_events_does_nothing_and_is_counted(void **state)
{
	static const char *const orders[] = { "\"revoke\",\"all\":true", "\"revoke\",\"j\":[\"A\"]",
		"\"perm\",\"rooms\":[],\"ext\":[],\"pv\":9",
		"\"rebind\",\"old\":\"A\",\"new\":\"B\"", "\"kick\",\"how\":\"logout\"",
		"\"resync\"", "\"drain\",\"rate\":1", "\"takeover\"", "\"taken\"",
		"\"revoke\",\"all\":true,\"u\":\"alice\"" };
	const size_t n = sizeof(orders) / sizeof(orders[0]);
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", "desktop");

	(void)state;
	for (size_t i = 0; i < n; i++) {
		order(USER_OF("alice"), orders[i]);
		order(ROOM_OF("all"), orders[i]);
	}
	stage_pass(15000);
	publish(ROOM_OF("all"), "[\"still\"]");
	assert_said(c, "still");
	assert_int_equal(relay_counters(aa).misplaced_messages, 2 * n);
	assert_int_equal(relay_counters(aa).bad_messages, 0);
}

static void order_about_users_on_a_channel_of_relays_does_nothing(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);
	char text[128];

	(void)state;
	snprintf(text, sizeof(text), "\"revoke\",\"all\":true,\"q\":[\"%s\"]", c->sio.id);
	order(TO_AA, text);
	order(TO_ALL, text);
	assert_said(c, "");
	assert_int_equal(relay_counters(aa).misplaced_messages, 2);
}

static void event_that_makes_a_client_act_comes_by_the_channel_of_orders_alone(void **state)
{
	static const char *const acting[] = { "callWebrtc", "answerWebrtc", "actionNethLink",
		"\\u0063allWebrtc" };
	static const char *const forged[] = { USER_OF("alice"), ROOM_OF("all"), TO_AA, TO_ALL };
	struct relay *aa = relay_start("aa");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(aa, "bob", "B", NULL);
	char text[128];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t n = 0; n < 4; n++) {
			snprintf(text, sizeof(text), "[\"%s\",\"0721\"]", acting[i]);
			publish(forged[n], text);
			snprintf(text, sizeof(text),
				"{\"v\":1,\"k\":\"e\",\"n\":\"x\",\"u\":\"alice\"}\n[\"%s\",1]",
				acting[i]);
			publish(forged[n], text);
		}
	publish(ORDERS, "{\"v\":1,\"k\":\"e\"}\n[\"callWebrtc\",\"0721\"]");
	publish(ORDERS, "[\"callWebrtc\",\"0721\"]");
	publish(ORDERS, "[\"serverReloaded\"]");
	assert_said(alice, "");
	assert_int_equal(relay_counters(aa).misplaced_messages, 35);
	publish(ORDERS, "{\"v\":1,\"k\":\"e\",\"u\":\"alice\"}\n[\"callWebrtc\",\"0721\"]");
	publish(ORDERS, "{\"v\":1,\"k\":\"e\",\"u\":\"nobody\"}\n[\"callWebrtc\",\"0721\"]");
	publish(ORDERS, "{\"v\":1,\"k\":\"e\"}\n[\"clientUpdated\",{}]");
	assert_said(alice, "callWebrtc clientUpdated");
	assert_said(bob, "clientUpdated");
}

static void what_only_a_relay_says_is_taken_from_no_channel(void **state)
{
	static const char *const names[] = { "authe_ok", "401", "bad_request", "takeOver" };
	static const char *const channels[] = { USER_OF("alice"), ROOM_OF("all"), ORDERS, TO_AA,
		TO_ALL };
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);
	char text[128];

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "{\"v\":1,\"k\":\"e\",\"u\":\"alice\"}\n[\"%s\"]",
			names[i % 4]);
		publish(channels[i / 4], text);
	}
	assert_said(c, "");
	assert_int_equal(relay_counters(aa).misplaced_messages, 20);
}

static void event_that_waits_for_late_comers_cannot_make_them_act(void **state)
{
	struct client *c;

	(void)state;
	REDIS_TEXT(STR("XADD"), STR("cti1:{" DOMAIN "}:recent"), STR("*"), STR("ch"), STR("r:all"),
		STR("m"), STR("{\"v\":1,\"k\":\"e\"}\n[\"callWebrtc\",\"0721\"]"));
	c = client_waiting(relay_start("aa"), "alice", "A", NULL);
	stage_pass(10000);
	assert_said(c, "authe_ok");
}

static void lost_order_makes_every_session_of_the_domain_be_looked_at(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(aa, "bob", "B", NULL);

	(void)state;
	order(ORDERS, "\"revoke\",\"j\":[\"X\"],\"s\":1,\"e\":\"x\"");
	session_forget("A");
	order(ORDERS, "\"revoke\",\"j\":[\"X\"],\"s\":3,\"e\":\"x\"");
	assert_int_equal(api_questions(), 1);
	api_answer(SESSION_REFUSED, "");
	assert_said(alice, "401 41 left");
	stage_pass(10000);
	assert_said(bob, "");
}

static void event_for_all_relays_reaches_who_is_logged_in(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(ab, "bob", "B", NULL), *stranger = client_open(aa);

	(void)state;
	publish(TO_ALL, "{\"v\":1,\"k\":\"e\"}\n[\"serverReloaded\"]");
	assert_said(alice, "serverReloaded");
	assert_said(bob, "serverReloaded");
	assert_said(stranger, "");
}

static void order_that_is_none_is_counted_and_nothing_else(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	order_about("alice", "\"explode\"");
	publish(ORDERS, "{\"v\":2,\"k\":\"c\",\"o\":\"revoke\",\"all\":true}");
	order_about("alice", "\"revoke\",\"all\":\"true\"");
	assert_said(c, "");
	assert_int_equal(relay_counters(aa).bad_messages, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(revoked_session_ends_on_every_relay_and_others_stay),
		TEST(all_sessions_but_one_end),
		TEST(waiting_login_is_revoked_like_any_other),
		TEST(socket_of_a_replaced_token_lives_and_ends_with_the_new_one),
		TEST(token_of_another_session_is_not_replaced),
		TEST(changed_permissions_are_other_rooms),
		TEST(waiting_login_gets_its_new_rooms_too),
		TEST(outdated_answer_does_not_bring_the_old_rooms_back),
		TEST(new_token_on_the_socket_brings_its_rooms),
		TEST(kicked_socket_is_logged_out_or_comes_back_as_told),
		TEST(drain_is_handed_on_with_its_rate),
		TEST(resync_of_a_user_a_room_and_some_rooms_of_all),
		TEST(resync_of_a_room_of_one_domain_leaves_the_others),
		TEST(order_on_a_channel_of_events_does_nothing_and_is_counted),
		TEST(order_about_users_on_a_channel_of_relays_does_nothing),
		TEST(event_that_makes_a_client_act_comes_by_the_channel_of_orders_alone),
		TEST(what_only_a_relay_says_is_taken_from_no_channel),
		TEST(event_that_waits_for_late_comers_cannot_make_them_act),
		TEST(lost_order_makes_every_session_of_the_domain_be_looked_at),
		TEST(event_for_all_relays_reaches_who_is_logged_in),
		TEST(order_that_is_none_is_counted_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
