#define _GNU_SOURCE
#include "client.h"

/* Sessions over long-polling, by the clock. `client` is the connection that polls. */
static int other; /* a second connection of the client */
static char sid[32];

static void use_other(void)
{
	int first = client;

	client = other;
	other = first;
}

static void request(const char *method, const char *query, const char *more, const char *body)
{
	struct buf out;

	buf_init(&out, 100000);
	buf_printf(&out, "%s /api/ws/?EIO=4&transport=%s&sid=%s HTTP/1.1\r\n%s", method, query, sid,
		more);
	if (strcmp(method, "POST") == 0)
		buf_printf(&out, "Content-Length: %zu\r\n", strlen(body));
	buf_printf(&out, "\r\n%s", body);
	say(out.p, out.n);
	buf_finish(&out);
}

/* The body of the last answer. */
static const char *answer_body(void)
{
	const char *end = strstr(hear(), "\r\n\r\n");

	return end ? end + 4 : "";
}

static void poll_now(void)
{
	request("GET", "polling", "", "");
}

static void push(const char *body)
{
	request("POST", "polling", "", body);
}

static int polling_setup(void **state)
{
	static const char opening[] = "GET /api/ws/?EIO=4&transport=polling HTTP/1.1\r\n\r\n";

	setup(state);
	settings.transports = EIO_POLLING | EIO_WEBSOCKET;
	other = client;
	connect_client();
	say(opening, strlen(opening));
	if (sscanf(answer_body(), "0{\"sid\":\"%22[^\"]", sid) != 1)
		return -1;
	push("40");
	hear();
	return 0;
}

static int polling_teardown(void **state)
{
	close(other);
	return teardown(state);
}

static void a_poll_waits_for_what_comes_and_gets_it_in_one_answer(void **state)
{
	(void)state;
	poll_now();
	assert_non_null(strstr(answer_body(), "40{\"sid\":\""));
	poll_now();
	assert_string_equal(hear(), "");
	use_other();
	push("420[\"a\"]\x1e"
	     "421[\"b\"]");
	assert_string_equal(answer_body(), "ok");
	use_other();
	assert_string_equal(answer_body(), "430[]\x1e"
					   "431[]");
}

static void the_ping_returns_a_poll_and_a_missing_pong_ends_the_session(void **state)
{
	(void)state;
	settings.eio.silent_grace_ms = 0;
	poll_now();
	hear();
	push("42[\"accept\"]");
	hear();
	poll_now();
	later(25000);
	assert_string_equal(answer_body(), "2");
	later(19999);
	assert_int_equal(gone, 0);
	now++;
	poll_now();
	assert_string_equal(answer_body(), "{\"code\":1,\"message\":\"Session ID unknown\"}");
	assert_int_equal(gone, 1);
}

static void a_refused_client_is_told_on_its_next_poll(void **state)
{
	(void)state;
	poll_now();
	hear();
	push("42[\"refuse\"]");
	assert_string_equal(answer_body(), "ok");
	poll_now();
	assert_string_equal(answer_body(), "42[\"401\",{\"message\":\"unauthorized access\"}]\x1e"
					   "41");
	assert_int_equal(gone, 0);
	poll_now();
	assert_string_equal(answer_body(), "1");
	poll_now();
	assert_non_null(strstr(hear(), "Session ID unknown"));
	assert_int_equal(gone, 1);
}

/* What it is told answers the poll it holds; the end takes the next one. */
static void a_refused_client_that_holds_a_poll_is_told_of_the_end_by_the_next(void **state)
{
	(void)state;
	poll_now();
	hear();
	poll_now();
	use_other();
	push("42[\"refuse\"]");
	assert_string_equal(answer_body(), "ok");
	use_other();
	assert_string_equal(answer_body(), "42[\"401\",{\"message\":\"unauthorized access\"}]\x1e"
					   "41");
	poll_now();
	assert_string_equal(answer_body(), "1");
	assert_int_equal(gone, 1);
}

static void a_refused_client_that_does_not_poll_is_forgotten(void **state)
{
	(void)state;
	push("42[\"refuse\"]");
	later(4999);
	assert_int_equal(gone, 0);
	later(1);
	assert_int_equal(gone, 1);
}

static void a_client_that_does_not_log_in_is_told_of_the_end(void **state)
{
	(void)state;
	poll_now();
	hear();
	later(20000);
	push("3");
	hear();
	poll_now();
	hear();
	later(5000);
	hear();
	poll_now();
	later(5000);
	assert_non_null(strstr(hear(), "1"));
	assert_int_equal(gone, 1);
}

static void a_poll_given_up_ends_the_session(void **state)
{
	(void)state;
	poll_now();
	hear();
	poll_now();
	close(client);
	turn();
	assert_int_equal(gone, 1);
	connect_client();
}

static void a_push_that_stops_half_way_ends_the_session(void **state)
{
	(void)state;
	request("POST", "polling", "Content-Length: 9\r\nX-", "4");
	assert_int_equal(gone, 0);
	close(client);
	turn();
	assert_int_equal(gone, 1);
	connect_client();
}

static void a_push_that_comes_too_slowly_is_answered_408(void **state)
{
	char head[256];

	(void)state;
	snprintf(head, sizeof(head),
		"POST /api/ws/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nContent-Length: "
		"9\r\n\r\n4",
		sid);
	say(head, strlen(head));
	later(19999);
	assert_string_equal(hear(), "");
	later(1);
	assert_non_null(strstr(hear(), "HTTP/1.1 408 "));
	assert_int_equal(gone, 1);
}

static void an_idle_connection_is_closed_after_a_while_and_the_session_stays(void **state)
{
	(void)state;
	settings.stall_ms = 600000;
	push("42[\"accept\"]");
	poll_now();
	hear();
	later(74999);
	assert_false(client_sees_the_end());
	later(1);
	assert_true(client_sees_the_end());
	assert_int_equal(gone, 0);
}

static void packets_nobody_fetches_end_the_session_after_twenty_seconds(void **state)
{
	(void)state;
	poll_now();
	hear();
	push("42[\"accept\"]");
	push("420[\"a\"]");
	later(19999);
	poll_now();
	assert_non_null(strstr(hear(), "430[]"));
	push("421[\"b\"]");
	later(19999);
	assert_int_equal(gone, 0);
	later(1);
	assert_int_equal(gone, 1);
}

static void nothing_behind_a_goodbye_is_heard(void **state)
{
	(void)state;
	poll_now();
	hear();
	use_other();
	push("420[\"a\"]\x1e"
	     "1\x1e"
	     "421[\"b\"]");
	use_other();
	poll_now();
	assert_string_equal(answer_body(), "430[]\x1e"
					   "6");
	assert_int_equal(gone, 1);
}

/* A second poll would end the session if it were read before its time. */
static void a_request_is_read_when_the_answer_before_it_has_left(void **state)
{
	static char big[60000];

	(void)state;
	poll_now();
	hear();
	memset(big, 'x', sizeof(big) - 1);
	memcpy(big, "420[\"m\",\"", 9);
	memcpy(big + sizeof(big) - 3, "\"]", 3);
	for (int i = 0; i < 4; i++)
		push(big);
	assert_int_equal(gone, 0);
	poll_now();
	poll_now();
	use_other();
	poll_now();
	assert_int_equal(gone, 0);
	use_other();
	while (*hear())
		turn();
	assert_int_equal(gone, 1);
}

#define UPGRADE_LINES                                                                \
	"Host: dial.example.org\r\n"                                                 \
	"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void a_probe_that_is_not_completed_ends_and_polling_goes_on(void **state)
{
	(void)state;
	use_other();
	request("GET", "websocket", UPGRADE_LINES, "");
	say_text("2probe");
	assert_non_null(strstr(hear(), "\x81\x06"
				       "3probe"));
	later(9999);
	assert_string_equal(hear(), "");
	later(1);
	assert_memory_equal(hear(), "\x88\x02", 2);
	use_other();
	push("420[\"a\"]");
	hear();
	poll_now();
	assert_non_null(strstr(answer_body(), "430[]"));
}

static void a_second_websocket_is_taken_and_closed(void **state)
{
	int first;

	(void)state;
	use_other();
	request("GET", "websocket", UPGRADE_LINES, "");
	assert_non_null(strstr(hear(), "HTTP/1.1 101 "));
	for (int i = 0; i < 2; i++) {
		first = client;
		connect_client();
		request("GET", "websocket", UPGRADE_LINES, "");
		assert_non_null(strstr(hear(), "HTTP/1.1 101 "));
		assert_non_null(strstr(heard, "\r\n\r\n\x88\x02\x03\xea"));
		assert_true(client_sees_the_end());
		close(client);
		client = first;
		say_text(i == 0 ? "2probe" : "420[\"a\"]");
		assert_non_null(strstr(hear(), i == 0 ? "3probe" : "430[]"));
		say_text("5");
	}
	assert_int_equal(gone, 0);
}

static void a_session_that_moved_ends_with_its_websocket(void **state)
{
	(void)state;
	use_other();
	request("GET", "websocket", UPGRADE_LINES, "");
	say_text("2probe");
	say_text("5");
	assert_non_null(strstr(hear(), "40{\"sid\":\""));
	say_text("420[\"a\"]");
	assert_non_null(strstr(hear(), "430[]"));
	close(client);
	turn();
	assert_int_equal(gone, 1);
	connect_client();
}

static void closing_all_answers_held_polls_and_says_no_goodbye(void **state)
{
	(void)state;
	poll_now();
	hear();
	poll_now();
	server_close_all(server, WS_CLOSE_RESTART);
	turn();
	assert_string_equal(answer_body(), "1");
	assert_int_equal(gone, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, polling_setup, polling_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_poll_waits_for_what_comes_and_gets_it_in_one_answer),
		TEST(the_ping_returns_a_poll_and_a_missing_pong_ends_the_session),
		TEST(a_refused_client_is_told_on_its_next_poll),
		TEST(a_refused_client_that_holds_a_poll_is_told_of_the_end_by_the_next),
		TEST(a_refused_client_that_does_not_poll_is_forgotten),
		TEST(a_client_that_does_not_log_in_is_told_of_the_end),
		TEST(a_poll_given_up_ends_the_session),
		TEST(a_push_that_stops_half_way_ends_the_session),
		TEST(a_push_that_comes_too_slowly_is_answered_408),
		TEST(an_idle_connection_is_closed_after_a_while_and_the_session_stays),
		TEST(a_probe_that_is_not_completed_ends_and_polling_goes_on),
		TEST(packets_nobody_fetches_end_the_session_after_twenty_seconds),
		TEST(nothing_behind_a_goodbye_is_heard),
		TEST(a_request_is_read_when_the_answer_before_it_has_left),
		TEST(a_second_websocket_is_taken_and_closed),
		TEST(a_session_that_moved_ends_with_its_websocket),
		TEST(closing_all_answers_held_polls_and_says_no_goodbye),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
