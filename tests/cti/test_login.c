/* The way of a login (cti-api 2.2 and 3.4): arguments, token, session, subscriptions, authe_ok. */
#include <stdio.h>

#include "stage.h"

static void login_event(struct client *c, const char *arguments)
{
	char text[7000];

	snprintf(text, sizeof(text), "[\"login\"%s]", arguments);
	client_send(c, text);
}

static void right_token_of_a_live_session_opens(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", "desktop");

	(void)state;
	assert_string_equal(
		c->last.p, "42[\"authe_ok\",{\"message\":\"authorized successfully\"}]");
	assert_true(c->settled);
	assert_int_equal(relay_counters(aa).sessions_live, 1);
}

static void whatever_is_wrong_is_answered_with_401_and_41(void **state)
{
	static const char *const wrong[] = {
		"",
		",null",
		",[]",
		",\"alice\"",
		",{}",
		",{\"accessKeyId\":\"alice\"}",
		",{\"accessKeyId\":1,\"token\":\"x\"}",
		",{\"accessKeyId\":\"alice\",\"token\":7}",
		",{\"accessKeyId\":\"alice\",\"token\":\"\"}",
		",{\"accessKeyId\":\"alice\",\"token\":\"a.b.c\"}",
	};
	struct relay *aa = relay_start("aa");

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct client *c = client_open(aa);

		login_event(c, wrong[i]);
		assert_said(c, "401 41 left");
	}
	assert_int_equal(relay_counters(aa).refusals, sizeof(wrong) / sizeof(wrong[0]));
}

static const struct session_claims alice = {
	.id = "alice", .domain = DOMAIN, .jti = "A", .issued_at = 1, .expires_at = 4000000000
};

/* The login of these claims by that name, with what stands behind the token. */
static struct client *with(struct relay *aa, const char *name, const struct session_claims *claims,
	const char *further)
{
	struct client *c = client_open(aa);
	char text[6000];

	session_copy(claims->id, claims->jti, "all", claims->expires_at);
	snprintf(text, sizeof(text), ",{\"accessKeyId\":\"%s\",\"token\":\"%s\"%s}", name,
		session_token(claims), further);
	login_event(c, text);
	return c;
}

static void name_is_the_tokens_user_alone_or_with_its_domain_in_any_case(void **state)
{
	struct relay *aa = relay_start("aa");

	(void)state;
	assert_said(with(aa, "alice", &alice, ""), "authe_ok");
	assert_said(with(aa, "ALICE", &alice, ""), "authe_ok");
	assert_said(with(aa, "Alice@Example.ORG", &alice, ""), "authe_ok");
	assert_said(with(aa, "bob", &alice, ""), "401 41 left");
	assert_said(with(aa, "alice@example.com", &alice, ""), "401 41 left");
	assert_said(with(aa, "", &alice, ""), "401 41 left");
}

static void type_is_one_of_two_or_no_text(void **state)
{
	struct relay *aa = relay_start("aa");

	(void)state;
	assert_said(with(aa, "alice", &alice, ",\"uaType\":\"mobile\""), "authe_ok");
	assert_said(with(aa, "alice", &alice, ",\"uaType\":\"desktop\""), "authe_ok");
	assert_said(with(aa, "alice", &alice, ",\"uaType\":null"), "authe_ok");
	assert_said(with(aa, "alice", &alice, ",\"uaType\":5"), "authe_ok");
	assert_said(with(aa, "alice", &alice, ",\"uaType\":\"\""), "401 41 left");
	assert_said(with(aa, "alice", &alice, ",\"uaType\":\"tablet\""), "401 41 left");
	assert_said(
		with(aa, "alice", &alice, ",\"uaType\":\"desktopdesktopdesktop\""), "401 41 left");
}

static void object_has_at_most_sixteen_members(void **state)
{
	struct relay *aa = relay_start("aa");
	char further[256];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 14; i++)
		n += (size_t)snprintf(further + n, sizeof(further) - n, ",\"m%u\":%u", i, i);
	assert_said(with(aa, "alice", &alice, further), "authe_ok");
	snprintf(further + n, sizeof(further) - n, ",\"m\":1");
	assert_said(with(aa, "alice", &alice, further), "401 41 left");
}

/* cti-api 5.3: what opens no request opens no socket. */
static void token_that_is_not_verified_expired_or_revoked_opens_nothing(void **state)
{
	struct relay *aa = relay_start("aa");
	struct session_claims claims = alice;
	struct client *c;

	(void)state;
	claims.two_factor = true;
	assert_said(with(aa, "alice", &claims, ""), "401 41 left");
	claims.otp_verified = true;
	assert_said(with(aa, "alice", &claims, ""), "authe_ok");
	claims.expires_at = stage_wall_s();
	assert_said(with(aa, "alice", &claims, ""), "401 41 left");
	claims.expires_at = stage_wall_s() + 1;
	assert_said(with(aa, "alice", &claims, ""), "authe_ok");
	c = client_open(aa);
	client_log_in(c, "alice", "unknown", NULL);
	assert_said(c, "");
	api_answer(SESSION_REFUSED, "");
	assert_said(c, "401 41 left");
}

static void copy_of_another_user_opens_nothing(void **state)
{
	struct client *c = client_open(relay_start("aa"));

	(void)state;
	session_copy("bob", "A", "all", stage_wall_s() + 1000);
	client_log_in(c, "alice", "A", NULL);
	assert_said(c, "401 41 left");
}

/* The API knows what Redis has forgotten. */

static void session_redis_has_forgotten_is_asked_of_the_api(void **state)
{
	struct client *c = client_open(relay_start("aa"));

	(void)state;
	client_log_in(c, "alice", "A", NULL);
	assert_true(str_starts(str_from(api_question()), "Bearer "));
	api_answer(SESSION_ALIVE, "{\"username\":\"alice\",\"domain\":\"" DOMAIN
				  "\",\"jti\":\"A\",\"exp\":4000000000,\"rooms\":[\"q.priv\"]}");
	assert_said(c, "");
	api_answer(SESSION_ALIVE, "{\"username\":\"alice\",\"domain\":\"" DOMAIN
				  "\",\"jti\":\"A\",\"exp\":4000000000,\"rooms\":[\"q.priv\"]}");
	assert_said(c, "authe_ok");
	publish(ROOM_OF("q.priv"), "[\"queue\"]");
	assert_said(c, "queue");
}

static void api_in_trouble_is_asked_again_every_second(void **state)
{
	struct client *c = client_open(relay_start("aa"));

	(void)state;
	client_log_in(c, "alice", "A", NULL);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(api_questions(), 1);
		api_answer(i % 2 ? SESSION_UNKNOWN : SESSION_ALIVE, "rubbish");
		stage_pass(999);
		assert_int_equal(api_questions(), 0);
		stage_pass(1);
	}
	assert_said(c, "");
	api_answer(SESSION_REFUSED, "");
	assert_said(c, "401 41 left");
}

static void client_that_goes_while_the_api_is_asked_is_forgotten(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_open(aa);

	(void)state;
	client_log_in(c, "alice", "A", NULL);
	client_drop(c);
	api_answer(SESSION_REFUSED, "");
	assert_int_equal(relay_counters(aa).logins_pending, 0);
	assert_int_equal(relay_counters(aa).sessions, 0);
}

/* authe_ok comes after the subscriptions, and after a look that is younger than they. */

static void nothing_is_told_before_the_channels_are_confirmed(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_open(aa);

	(void)state;
	session_copy("alice", "A", "all", stage_wall_s() + 1000);
	relay_hold(aa, LINE_EVENTS, true);
	client_log_in(c, "alice", "A", NULL);
	stage_pass(20000);
	assert_said(c, "");
	relay_hold(aa, LINE_EVENTS, false);
	stage_settle();
	assert_said(c, "authe_ok");
}

static void session_that_ends_before_the_confirmation_is_noticed(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_open(aa);

	(void)state;
	session_copy("alice", "A", "all", stage_wall_s() + 1000);
	relay_hold(aa, LINE_EVENTS, true);
	client_log_in(c, "alice", "A", NULL);
	session_forget("A");
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"u\":\"alice\",\"o\":\"revoke\",\"j\":[\"A\"]}");
	relay_hold(aa, LINE_EVENTS, false);
	stage_settle();
	api_answer(SESSION_REFUSED, "");
	assert_said(c, "401 41 left");
}

static void login_waits_for_redis_and_goes_on_by_itself(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_open(aa);

	(void)state;
	session_copy("alice", "A", "all", stage_wall_s() + 1000);
	relay_cut(aa, LINE_COMMANDS);
	relay_hold(aa, LINE_COMMANDS, true);
	client_log_in(c, "alice", "A", NULL);
	stage_pass(20000);
	assert_said(c, "");
	relay_hold(aa, LINE_COMMANDS, false);
	relay_mend(aa);
	assert_said(c, "authe_ok");
}

/* More than one login. */

static void login_while_one_is_pending_is_ignored(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	client_of(aa, "alice", "A", "desktop");
	c = client_waiting(aa, "alice", "B", "desktop");
	login_event(c, ",\"rubbish\"");
	client_log_in(c, "bob", "C", NULL);
	assert_said(c, "");
	stage_pass(8000);
	assert_said(c, "authe_ok");
}

static void second_login_of_the_user_renews_and_of_another_is_a_bad_request(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", "desktop");

	(void)state;
	session_copy("alice", "B", "all", stage_wall_s() + 1000);
	session_copy("bob", "C", "all", stage_wall_s() + 1000);
	client_log_in(c, "alice", "B", "desktop");
	assert_said(c, "authe_ok");
	client_log_in(c, "bob", "C", "desktop");
	assert_said(c, "bad_request");
	publish(ORDERS,
		"{\"v\":1,\"k\":\"c\",\"u\":\"alice\",\"o\":\"revoke\",\"j\":[\"A\",\"C\"]}");
	assert_said(c, "");
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"u\":\"alice\",\"o\":\"revoke\",\"j\":[\"B\"]}");
	assert_said(c, "401 41 left");
}

static void second_login_with_a_wrong_token_ends_the_socket(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", "desktop");

	(void)state;
	login_event(c, ",{\"accessKeyId\":\"alice\",\"token\":\"x\"}");
	assert_said(c, "401 41 left");
}

/* A mistake of the client ends no session. */
static void second_login_that_is_none_is_a_bad_request(void **state)
{
	static const char *const malformed[] = { "", ",null", ",[]", ",\"alice\"", ",{}",
		",{\"accessKeyId\":\"alice\"}", ",{\"accessKeyId\":1,\"token\":\"x\"}",
		",{\"accessKeyId\":\"alice\",\"token\":\"x\",\"uaType\":\"fax\"}" };
	struct client *c = client_of(relay_start("aa"), "alice", "A", "desktop");

	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		login_event(c, malformed[i]);
		assert_said(c, "bad_request");
	}
	publish(USER_OF("alice"), "[\"still\"]");
	assert_said(c, "still");
}

static void logins_as_others_are_counted_as_bad_requests(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		client_log_in(c, "bob", "C", NULL);
		assert_said(c, "bad_request");
	}
	client_log_in(c, "bob", "C", NULL);
	assert_said(c, "retry");
}

static void ping_is_answered_before_login_and_other_events_are_not(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_open(aa);

	(void)state;
	client_send(c, "7[\"ping\"]");
	assert_string_equal(c->last.p, "437[]");
	client_send(c, "[\"ping\"]");
	client_send(c, "[\"message\",{\"message\":\"x\",\"destUser\":\"bob\"}]");
	client_send(c, "[\"takeOverAck\"]");
	client_send(c, "[\"message\"]");
	client_send(c, "9[\"whatever\",1]");
	assert_said(c, "43");
}

/* A token of the HMAC login says nothing by itself: the API does. */
static void old_token_is_the_apis_to_judge(void **state)
{
	struct client *c = client_open(relay_start("aa"));

	(void)state;
	login_event(c, ",{\"accessKeyId\":\"Alice\",\"token\":"
		       "\"0123456789abcdef0123456789abcdef01234567\"}");
	for (unsigned i = 0; i < 2; i++) {
		assert_string_equal(
			api_question(), "alice:0123456789abcdef0123456789abcdef01234567");
		api_answer(SESSION_ALIVE,
			"{\"username\":\"alice\",\"domain\":\"" DOMAIN
			"\",\"jti\":\"legacy:x\",\"exp\":4000000000,\"rooms\":[\"all\"]}");
	}
	assert_said(c, "authe_ok");
	publish(USER_OF("alice"), "[\"heard\"]");
	assert_said(c, "heard");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(right_token_of_a_live_session_opens),
		TEST(whatever_is_wrong_is_answered_with_401_and_41),
		TEST(name_is_the_tokens_user_alone_or_with_its_domain_in_any_case),
		TEST(type_is_one_of_two_or_no_text),
		TEST(object_has_at_most_sixteen_members),
		TEST(token_that_is_not_verified_expired_or_revoked_opens_nothing),
		TEST(copy_of_another_user_opens_nothing),
		TEST(session_redis_has_forgotten_is_asked_of_the_api),
		TEST(api_in_trouble_is_asked_again_every_second),
		TEST(client_that_goes_while_the_api_is_asked_is_forgotten),
		TEST(nothing_is_told_before_the_channels_are_confirmed),
		TEST(session_that_ends_before_the_confirmation_is_noticed),
		TEST(login_waits_for_redis_and_goes_on_by_itself),
		TEST(login_while_one_is_pending_is_ignored),
		TEST(second_login_of_the_user_renews_and_of_another_is_a_bad_request),
		TEST(second_login_with_a_wrong_token_ends_the_socket),
		TEST(second_login_that_is_none_is_a_bad_request),
		TEST(logins_as_others_are_counted_as_bad_requests),
		TEST(ping_is_answered_before_login_and_other_events_are_not),
		TEST(old_token_is_the_apis_to_judge),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
