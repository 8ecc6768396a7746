#define _GNU_SOURCE
#include "client.h"

/* What a stranger can make grow, and what happens when it does. */

static void accept_session(void)
{
	open_session();
	say_text("42[\"accept\"]");
}

static void a_client_that_sends_too_fast_is_read_more_slowly(void **state)
{
	struct buf out;

	(void)state;
	accept_session();
	buf_init(&out, 100000);
	for (int i = 0; i < 103; i++)
		script_text(&out, "420[\"m\"]");
	say(out.p, out.n);
	hear();
	say_text("421[\"late\"]");
	assert_null(strstr(hear(), "431"));
	later(1000);
	assert_non_null(strstr(hear(), "431[]"));
	assert_int_equal(gone, 0);
	buf_finish(&out);
}

static void a_client_that_does_not_stop_is_ended_after_ten_seconds(void **state)
{
	struct buf out;

	(void)state;
	accept_session();
	buf_init(&out, 100000);
	for (int i = 0; i < 100; i++)
		script_text(&out, "3");
	say(out.p, out.n);
	for (int ms = 0; ms < 9900; ms += 50) {
		say_text("3");
		later(50);
	}
	assert_int_equal(gone, 0);
	for (int i = 0; i < 10 && !gone; i++) {
		say_text("3");
		later(50);
	}
	assert_int_equal(gone, 1);
	buf_finish(&out);
}

static void a_client_stuck_in_huge_events_is_dropped_at_the_next_after_five_seconds(void **state)
{
	(void)state;
	accept_session();
	hear();
	say_text("42[\"huge\"]");
	say_text("42[\"huge\"]");
	later(4999);
	say_text("420[\"next\"]");
	assert_int_equal(gone, 0);
	later(1);
	say_text("421[\"next\"]");
	assert_int_equal(gone, 1);
	later(5000);
	assert_int_equal(server_count(server), 0);
}

static void a_client_that_takes_nothing_is_dropped_after_twenty_seconds(void **state)
{
	struct server_counters counters;

	(void)state;
	accept_session();
	hear();
	say_text("42[\"fill\"]");
	later(19999);
	assert_int_equal(gone, 0);
	later(1);
	assert_int_equal(gone, 1);
	server_counters(server, &counters);
	assert_int_equal(counters.slow, 1);
	assert_int_equal(counters.refused[REASON_SLOW], 1);
}

/* Slow, but not stalled: it gets everything. */
static void a_client_that_takes_some_is_kept(void **state)
{
	static char some[250000]; /* the kernel tells of room when most of its buffer is free */
	ssize_t got = 0, n = 0;

	(void)state;
	accept_session();
	hear();
	say_text("42[\"fill\"]");
	say_text("42[\"fill\"]");
	while (n >= 0) {
		later(15000);
		say_text("3");
		n = recv(client, some, sizeof(some), 0);
		got += n > 0 ? n : 0;
	}
	assert_int_equal(gone, 0);
	assert_true(got >= 800000);
}

static void a_relay_that_stops_leaves_a_client_stuck_in_a_huge_event(void **state)
{
	(void)state;
	accept_session();
	hear();
	say_text("42[\"huge\"]");
	server_close_all(server, WS_CLOSE_RESTART);
	turn();
	assert_int_equal(gone, 1);
	later(5000);
	assert_int_equal(server_count(server), 0);
}

static void pings_of_the_websocket_count_as_messages(void **state)
{
	struct buf out;

	(void)state;
	settings.flood_ms = 1000;
	accept_session();
	hear();
	buf_init(&out, 100000);
	for (int i = 0; i < 130; i++)
		script_frame(&out, WS_PING, true, STR("x"));
	say(out.p, out.n);
	assert_non_null(strstr(hear(), "\x8a\x01x\x88\x02\x03\xf0"));
	assert_int_equal(gone, 1);
	buf_finish(&out);
}

static void frames_that_are_no_message_count_like_one(enum ws_opcode op)
{
	struct buf out;

	settings.flood_ms = 1000;
	accept_session();
	hear();
	buf_init(&out, 100000);
	if (op == WS_CONTINUATION)
		script_frame(&out, WS_TEXT, false, STR("3"));
	for (int i = 0; i < 130; i++)
		script_frame(&out, op, op != WS_CONTINUATION, STR(""));
	say(out.p, out.n);
	assert_non_null(strstr(hear(), "\x88\x02\x03\xf0"));
	assert_int_equal(gone, 1);
	buf_finish(&out);
}

static void fragments_and_pongs_count_as_messages(void **state)
{
	(void)state;
	frames_that_are_no_message_count_like_one(WS_CONTINUATION);
	close(client);
	connect_client();
	gone = 0;
	frames_that_are_no_message_count_like_one(WS_PONG);
}

static void a_message_may_be_long_only_after_login(void **state)
{
	char *text = malloc(3001);

	(void)state;
	settings.max_before_login = 2000;
	memset(text, 'x', 3000);
	text[3000] = '\0';
	memcpy(text, "42[\"m\",\"", 8);
	memcpy(text + 2998, "\"]", 2);
	accept_session();
	hear();
	say_text(text);
	assert_string_equal(hear(), "");
	close(client);
	connect_client();
	open_session();
	say_text(text);
	assert_memory_equal(hear(), "\x88\x02\x03\xf1", 4);
	free(text);
}

static const char from_one[] = "GET /api/ws/?EIO=4&transport=websocket HTTP/1.1\r\n"
			       "Host: dial.example.org\r\n"
			       "Upgrade: websocket\r\nConnection: Upgrade\r\n"
			       "X-Forwarded-For: 198.51.100.9, 192.0.2.1\r\n"
			       "Sec-WebSocket-Version: 13\r\n"
			       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

static void one_address_has_so_many_sessions_before_login_and_gets_them_back(void **state)
{
	int first = client;

	(void)state;
	settings.max_strangers_per_address = 1;
	say(from_one, strlen(from_one));
	assert_non_null(strstr(hear(), "HTTP/1.1 101 "));
	connect_client();
	say(from_one, strlen(from_one));
	assert_non_null(strstr(hear(), "HTTP/1.1 429 "));
	close(client);
	close(first);
	turn();
	connect_client();
	say(from_one, strlen(from_one));
	assert_non_null(strstr(hear(), "HTTP/1.1 101 "));
}

/* Opens a session as one address, and has it accepted. */
static void log_in_from_one(void)
{
	say(from_one, strlen(from_one));
	assert_non_null(strstr(hear(), "HTTP/1.1 101 "));
	say_text("40");
	hear();
	say_text("42[\"accept\"]");
	hear();
}

static void sessions_logged_in_do_not_count_unless_they_are_limited_too(void **state)
{
	int clients[3];

	(void)state;
	settings.max_strangers_per_address = 1;
	for (int i = 0; i < 3; i++) {
		log_in_from_one();
		clients[i] = client;
		connect_client();
	}
	settings.max_live_per_address = 3;
	say(from_one, strlen(from_one));
	assert_non_null(strstr(hear(), "HTTP/1.1 429 "));
	close(clients[0]);
	turn();
	connect_client();
	say(from_one, strlen(from_one));
	assert_non_null(strstr(hear(), "HTTP/1.1 101 "));
	close(clients[1]);
	close(clients[2]);
}

static void is_told(const char *status, const char *body)
{
	const char *answer = hear();

	assert_non_null(strstr(answer, status));
	assert_non_null(strstr(answer, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(answer, "Retry-After: "));
	assert_non_null(strstr(answer, body));
}

/* Ten that are refused for this are ten in its counter, and nowhere else. */
static void ten_are_refused(enum reason reason, const char *status, const char *body)
{
	struct server_counters counters;

	for (int i = 0; i < 10; i++) {
		close(client);
		connect_client();
		say(from_one, strlen(from_one));
		is_told(status, body);
	}
	server_counters(server, &counters);
	for (int i = 0; i < REASON_COUNT; i++)
		assert_int_equal(counters.refused[i], i == (int)reason ? 10 : 0);
}

#define TOO_MANY "{\"code\":429,\"message\":\"too many requests\",\"data\":null}"
#define NO_ROOM  "{\"code\":503,\"message\":\"service unavailable, try again\",\"data\":null}"

static void an_address_opens_so_many_sessions_and_is_told_when_it_opens_more(void **state)
{
	(void)state;
	settings.address_handshakes = (struct pace_limit){ 1000000, 2 };
	for (int i = 0; i < 2; i++) {
		say(from_one, strlen(from_one));
		assert_non_null(strstr(hear(), "HTTP/1.1 101 "));
		close(client);
		turn();
		connect_client();
	}
	ten_are_refused(REASON_ADDRESS_HANDSHAKES, "HTTP/1.1 429 Too Many Requests\r\n", TOO_MANY);
	later(1000);
	connect_client();
	say(from_one, strlen(from_one));
	assert_non_null(strstr(hear(), "HTTP/1.1 101 "));
}

static void ten_refusals_of_a_limit_are_ten_in_its_counter(void **state)
{
	int first = client;

	(void)state;
	settings.max_strangers_per_address = 1;
	say(from_one, strlen(from_one));
	hear();
	connect_client();
	ten_are_refused(REASON_ADDRESS_SESSIONS, "HTTP/1.1 429 Too Many Requests\r\n", TOO_MANY);
	close(first);
}

static void ten_refusals_of_a_full_relay_are_ten_in_its_counter(void **state)
{
	int first = client;

	(void)state;
	settings.max_connections = 1;
	say(from_one, strlen(from_one));
	hear();
	connect_client();
	ten_are_refused(REASON_FULL, "HTTP/1.1 503 Service Unavailable\r\n", NO_ROOM);
	close(first);
}

static void ten_refusals_of_a_relay_that_is_left_are_ten_in_its_counter(void **state)
{
	(void)state;
	server_refuse_all(server);
	ten_are_refused(REASON_DRAINING, "HTTP/1.1 503 Service Unavailable\r\n", NO_ROOM);
}

static void handshakes_beyond_the_rate_are_told_to_come_later(void **state)
{
	int first = client;

	(void)state;
	settings.handshakes = (struct pace_limit){ 1000000, 1 };
	open_session();
	connect_client();
	say(UPGRADE, strlen(UPGRADE));
	hear();
	assert_non_null(strstr(heard, "HTTP/1.1 503 "));
	assert_non_null(strstr(heard, "Retry-After: "));
	close(client);
	connect_client();
	later(1000);
	open_session();
	close(first);
}

static void the_oldest_stranger_makes_room(void **state)
{
	int first = client, second;

	(void)state;
	settings.max_connections = 4;
	open_session();
	connect_client();
	second = client;
	open_session();
	connect_client();
	open_session();
	turn();
	assert_int_equal(gone, 1);
	client = first;
	assert_memory_equal(hear(), "\x88\x02\x03\xf5", 4);
	close(first);
	client = second;
}

static void what_leaves_in_slices_keeps_its_order(void **state)
{
	static char all[100000];
	size_t n = 0, at = 0;
	ssize_t got;

	(void)state;
	accept_session();
	hear();
	say_text("42[\"count\"]");
	for (int i = 0; i < 20; i++) {
		turn();
		while ((got = recv(client, all + n, sizeof(all) - n, 0)) > 0)
			n += (size_t)got;
	}
	for (int i = 0; i < 1000; i++) {
		char text[32];
		size_t len = (size_t)snprintf(text, sizeof(text), "42[\"n\",%d]", i);

		assert_true(at + 2 + len <= n);
		assert_memory_equal(all + at + 2, text, len);
		at += 2 + len;
	}
	assert_int_equal(at, n);
	assert_int_equal(gone, 0);
}

static void the_slowest_is_ended_when_all_queues_are_too_long_together(void **state)
{
	struct server_counters counters;
	int small = client;

	(void)state;
	settings.max_queued = 150000;
	accept_session();
	connect_client();
	accept_session();
	say_text("42[\"fill\"]");
	turn();
	server_counters(server, &counters);
	assert_int_equal(counters.slow, 1);
	assert_int_equal(counters.refused[REASON_QUEUED], 1);
	assert_int_equal(counters.refused[REASON_SLOW], 0);
	assert_int_equal(gone, 1);
	close(client);
	client = small;
	hear();
	say_text("420[\"m\"]");
	assert_non_null(strstr(hear(), "430[]"));
}

static void every_gauge_returns_to_its_start(void **state)
{
	struct server_counters counters;

	(void)state;
	accept_session();
	server_counters(server, &counters);
	assert_int_equal(counters.sessions, 1);
	assert_int_equal(counters.strangers, 0);
	close(client);
	turn();
	server_counters(server, &counters);
	assert_int_equal(counters.connections, 0);
	assert_int_equal(counters.sessions, 0);
	assert_int_equal(loop_frames(loop)->bytes, 0);
	connect_client();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_that_sends_too_fast_is_read_more_slowly),
		TEST(a_client_that_does_not_stop_is_ended_after_ten_seconds),
		TEST(a_client_stuck_in_huge_events_is_dropped_at_the_next_after_five_seconds),
		TEST(a_client_that_takes_nothing_is_dropped_after_twenty_seconds),
		TEST(a_client_that_takes_some_is_kept),
		TEST(a_relay_that_stops_leaves_a_client_stuck_in_a_huge_event),
		TEST(pings_of_the_websocket_count_as_messages),
		TEST(fragments_and_pongs_count_as_messages),
		TEST(a_message_may_be_long_only_after_login),
		TEST(one_address_has_so_many_sessions_before_login_and_gets_them_back),
		TEST(sessions_logged_in_do_not_count_unless_they_are_limited_too),
		TEST(an_address_opens_so_many_sessions_and_is_told_when_it_opens_more),
		TEST(ten_refusals_of_a_limit_are_ten_in_its_counter),
		TEST(ten_refusals_of_a_full_relay_are_ten_in_its_counter),
		TEST(ten_refusals_of_a_relay_that_is_left_are_ten_in_its_counter),
		TEST(handshakes_beyond_the_rate_are_told_to_come_later),
		TEST(the_oldest_stranger_makes_room),
		TEST(what_leaves_in_slices_keeps_its_order),
		TEST(the_slowest_is_ended_when_all_queues_are_too_long_together),
		TEST(every_gauge_returns_to_its_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
