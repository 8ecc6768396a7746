/* A client that is logged in: its end by time, its mistakes, its limits (cti-api 2.1, 2.2, 3.7). */
#include <stdio.h>

#include "stage.h"

/* The session has the user's name. */
static struct client *expiring(struct relay *r, const char *user, int64_t in_s)
{
	struct client *c = client_open(r);

	session_copy(user, user, "all", stage_wall_s() + in_s);
	client_log_in(c, user, user, NULL);
	assert_said(c, "authe_ok");
	return c;
}

static void session_ends_the_moment_its_token_does(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	for (int64_t s = 1; s <= 100; s += 33) {
		c = expiring(aa, "alice", s);
		assert_int_equal(client_ms(c), s * 1000);
		assert_said(c, "401 41 left");
	}
	assert_int_equal(relay_counters(aa).expirations, 4);
}

static void many_tokens_end_each_at_its_moment(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *late = expiring(aa, "alice", 50), *soon = expiring(aa, "bob", 10),
		      *between = expiring(aa, "carol", 20);

	(void)state;
	assert_int_equal(client_ms(soon), 10000);
	assert_int_equal(client_ms(between), 10000);
	assert_int_equal(client_ms(late), 30000);
}

static void session_that_was_prolonged_stays(void **state)
{
	struct client *c = expiring(relay_start("aa"), "alice", 40);

	(void)state;
	session_copy("alice", "alice", "all", stage_wall_s() + 100);
	assert_int_equal(client_ms(c), 100000);
	assert_said(c, "401 41 left");
}

static void session_that_was_shortened_ends_sooner(void **state)
{
	struct client *c = expiring(relay_start("aa"), "alice", 1000);

	(void)state;
	session_copy("alice", "alice", "all", stage_wall_s() + 45);
	assert_int_equal(client_ms(c), 45000);
	assert_said(c, "401 41 left");
}

static void mistake(struct client *c)
{
	client_send(c, "[\"message\",7]");
}

static void tenth_bad_request_is_told_and_the_next_ends_the_transport(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		mistake(c);
		assert_said(c, "bad_request");
	}
	mistake(c);
	assert_said(c, "retry");
	assert_int_equal(relay_counters(aa).bad_requests, 11);
}

static void mistakes_of_former_minutes_are_forgotten(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		mistake(c);
		assert_said(c, "bad_request");
		if (i % 10 == 9)
			stage_pass(60000);
	}
}

static void events_beyond_thirty_a_second_are_dropped_and_the_socket_stays(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	stage_pass(1000);
	for (unsigned i = 0; i < 60; i++)
		client_send(c, "1[\"ping\"]");
	assert_int_equal(relay_counters(aa).client_events_dropped, 0);
	client_send(c, "1[\"ping\"]");
	assert_int_equal(relay_counters(aa).client_events_dropped, 1);
	stage_pass(1000);
	for (unsigned i = 0; i < 30; i++)
		client_send(c, "1[\"ping\"]");
	assert_int_equal(relay_counters(aa).client_events_dropped, 1);
	client_send(c, "1[\"ping\"]");
	assert_int_equal(relay_counters(aa).client_events_dropped, 2);
	assert_false(c->ended);
}

static void twenty_first_socket_of_a_user_pushes_out_the_oldest(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *clients[22], *other = client_of(aa, "bob", "B", NULL);
	char jti[100];

	(void)state;
	/* So long that Redis keeps the entries in no order. */
	snprintf(jti, sizeof(jti), "%099d", 0);
	for (size_t i = 0; i < 20; i++)
		clients[i] = client_of(aa, "alice", jti, NULL);
	assert_said(clients[0], "");
	clients[20] = client_of(aa, "alice", jti, NULL);
	clients[21] = client_of(aa, "alice", jti, NULL);
	assert_said(clients[0], "retry");
	assert_said(clients[1], "retry");
	for (size_t i = 2; i < 22; i++)
		assert_said(clients[i], "");
	assert_said(other, "");
	assert_int_equal(relay_counters(aa).crowded, 2);
}

static void sockets_on_other_relays_count(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *clients[21];

	(void)state;
	for (size_t i = 0; i < 21; i++) {
		clients[i] = client_of(i % 2 ? aa : ab, "alice", "A", NULL);
		stage_pass(1000);
	}
	stage_pass(10000);
	assert_said(clients[0], "retry");
	assert_int_equal(relay_counters(aa).crowded + relay_counters(ab).crowded, 1);
	for (size_t i = 1; i < 21; i++)
		assert_said(clients[i], "");
}

static void client_that_leaves_the_namespace_may_come_again(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", "desktop");

	(void)state;
	sio_on_text(&c->sio, STR("1"));
	stage_settle();
	assert_false(c->settled);
	assert_int_equal(relay_counters(aa).sessions, 0);
	publish(USER_OF("alice"), "[\"unheard\"]");
	sio_on_text(&c->sio, STR("0"));
	client_log_in(c, "alice", "A", "desktop");
	assert_said(c, "authe_ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(session_ends_the_moment_its_token_does),
		TEST(many_tokens_end_each_at_its_moment),
		TEST(session_that_was_prolonged_stays),
		TEST(session_that_was_shortened_ends_sooner),
		TEST(tenth_bad_request_is_told_and_the_next_ends_the_transport),
		TEST(mistakes_of_former_minutes_are_forgotten),
		TEST(events_beyond_thirty_a_second_are_dropped_and_the_socket_stays),
		TEST(twenty_first_socket_of_a_user_pushes_out_the_oldest),
		TEST(sockets_on_other_relays_count),
		TEST(client_that_leaves_the_namespace_may_come_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
