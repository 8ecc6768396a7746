#define _GNU_SOURCE
#include "relay/server/server.h"

#include "client.h"

#define LINK_BURST 8

static void the_opening_is_answered_with_101_and_the_open_packet(void **state)
{
	const char *open;

	(void)state;
	say(UPGRADE, strlen(UPGRADE));
	hear();
	assert_non_null(strstr(heard, "HTTP/1.1 101 "));
	assert_non_null(strstr(heard, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
	open = strstr(heard, "\r\n\r\n");
	assert_non_null(open);
	assert_memory_equal(open + 4,
		"\x81\x6b"
		"0{\"sid\":\"aa",
		12);
	assert_non_null(strstr(open, "\"upgrades\":[],\"pingInterval\":25000,"
				     "\"pingTimeout\":20000,\"maxPayload\":65536}"));
}

static void the_opening_and_the_first_packets_may_be_cut_anywhere(void **state)
{
	struct buf in;

	(void)state;
	buf_init(&in, 10000);
	buf_add_str(&in, UPGRADE);
	script_text(&in, "40");
	script_text(&in, "421[\"m\",\"caf\xc3\xa9\"]");
	for (size_t cut = 1; cut < in.n; cut++) {
		say(in.p, cut);
		say(in.p + cut, in.n - cut);
		hear();
		assert_non_null(strstr(heard, "40{\"sid\":\""));
		assert_non_null(strstr(heard, "431[\"caf\xc3\xa9\"]"));
		close(client);
		turn();
		connect_client();
	}
	assert_int_equal(gone, in.n - 1);
	buf_finish(&in);
}

static void refusals_are_answered_in_plain_http(void **state)
{
	(void)state;
	answers_are("GET /api/ws/ HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 400 ",
		"\r\n\r\n{\"code\":0,\"message\":\"Transport unknown\"}");
	answers_are("GET /api/ws/?transport=websocket HTTP/1.0\r\n\r\n", "HTTP/1.1 400 ",
		"{\"code\":5,\"message\":\"Unsupported protocol version\"}");
	answers_are("GET /socket.io?EIO=4&transport=websocket HTTP/1.0\r\n\r\n", "HTTP/1.1 400 ",
		"{\"code\":3,\"message\":\"Bad request\"}");
	answers_are("GET /api/ws/?EIO=4&transport=websocket&sid=x HTTP/1.0\r\n\r\n",
		"HTTP/1.1 400 ", "{\"code\":1,\"message\":\"Session ID unknown\"}");
	answers_are("GET /elsewhere HTTP/1.0\r\n\r\n", "HTTP/1.1 404 ",
		"{\"code\":404,\"message\":\"not found\",\"data\":null}");
	answers_are("hello\r\n", "HTTP/1.1 400 ", "Connection: close");
}

static void another_sites_page_is_refused(void **state)
{
	(void)state;
	answers_are("GET /api/ws/?EIO=4&transport=websocket HTTP/1.1\r\n"
		    "Host: dial.example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		    "Origin: https://evil.example\r\nSec-WebSocket-Version: 13\r\n"
		    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		"HTTP/1.1 403 ", "{\"code\":4,\"message\":\"Forbidden\"}");
}

static void a_full_relay_says_so(void **state)
{
	(void)state;
	settings.max_connections = 0;
	answers_are(UPGRADE, "HTTP/1.1 503 ", "Retry-After: ");
}

static void a_client_that_sends_no_request_is_dropped_after_ten_seconds(void **state)
{
	(void)state;
	later(9999);
	assert_int_equal(server_count(server), 1);
	later(1);
	assert_int_equal(server_count(server), 0);
	assert_true(client_sees_the_end());
}

static void a_head_that_comes_too_slowly_is_answered_408(void **state)
{
	(void)state;
	say("GET /api", 8);
	later(10000);
	assert_non_null(strstr(hear(), "HTTP/1.1 408 "));
	assert_true(client_sees_the_end());
}

static void without_login_the_transport_closes_after_thirty_seconds(void **state)
{
	(void)state;
	open_session();
	later(25000);
	say_text("3");
	hear();
	later(4999);
	assert_string_equal(hear(), "");
	later(1);
	assert_memory_equal(hear(), "\x88\x02\x03\xf0", 4);
	assert_true(client_sees_the_end());
	assert_int_equal(gone, 1);
}

static void pings_come_every_interval_and_a_silent_client_is_dropped(void **state)
{
	(void)state;
	open_session();
	say_text("42[\"accept\"]");
	for (int i = 0; i < 3; i++) {
		later(24999);
		if (i > 0)
			assert_string_equal(hear(), "");
		later(1);
		assert_string_equal(hear(), "\x81\x01"
					    "2");
		say_text("3");
	}
	later(25000);
	later(19999);
	assert_string_equal(hear(), "\x81\x01"
				    "2");
	later(1);
	assert_memory_equal(hear(), "\x88\x02\x03\xe9", 4);
	assert_true(client_sees_the_end());
}

static void a_client_that_never_answers_stays_ten_minutes(void **state)
{
	(void)state;
	open_session();
	say_text("42[\"accept\"]");
	for (int s = 0; s < 590; s++)
		later(1000);
	assert_non_null(strstr(hear(), "2"));
	assert_int_equal(gone, 0);
	for (int s = 0; s < 60; s++)
		later(1000);
	assert_int_equal(gone, 1);
}

static void first_pings_of_a_burst_are_spread(void **state)
{
	unsigned pings = 0;
	int others[LINK_BURST];

	(void)state;
	for (int i = 0; i < LINK_BURST; i++) {
		open_session();
		say_text("42[\"accept\"]");
		others[i] = client;
		connect_client();
	}
	later(20000);
	for (int i = 0; i < LINK_BURST; i++) {
		client = others[i];
		pings += strstr(hear(), "2") != NULL;
	}
	later(2600);
	for (int i = 0; i < LINK_BURST; i++) {
		client = others[i];
		pings += strchr(hear(), '2') != NULL;
	}
	assert_in_range(pings, 1, LINK_BURST - 1);
	for (int i = 0; i < LINK_BURST; i++)
		close(others[i]);
	turn();
	connect_client();
}

static void a_refused_client_gets_401_then_41_then_the_end(void **state)
{
	static const char expected[] = "\x81\x2b"
				       "42[\"401\",{\"message\":\"unauthorized access\"}]\x81\x02"
				       "41\x88\x02\x03\xe8";

	(void)state;
	open_session();
	say_text("42[\"refuse\"]");
	assert_memory_equal(hear(), expected, sizeof(expected) - 1);
	assert_true(client_sees_the_end());
	assert_int_equal(gone, 1);
	close(client);
	turn();
	assert_int_equal(server_count(server), 0);
	connect_client();
}

static void a_client_that_does_not_hang_up_is_dropped_after_the_linger(void **state)
{
	(void)state;
	open_session();
	say_text("42[\"refuse\"]");
	later(4999);
	assert_int_equal(server_count(server), 1);
	later(1);
	assert_int_equal(server_count(server), 0);
}

static void websocket_pings_are_answered_and_close_is_echoed(void **state)
{
	struct buf out;

	(void)state;
	open_session();
	buf_init(&out, 1000);
	script_frame(&out, WS_PING, true, STR("abc"));
	script_frame(&out, WS_CLOSE, true, STR("\x03\xe9"));
	say(out.p, out.n);
	buf_finish(&out);
	assert_memory_equal(hear(),
		"\x8a\x03"
		"abc\x88\x02\x03\xe9",
		9);
	assert_true(client_sees_the_end());
}

static void wrong_packets_close_with_their_code(void **state)
{
	static const struct {
		enum ws_opcode op;
		struct str data;
		const char *close;
	} rows[] = {
		{ WS_TEXT, STR(""), "\x88\x02\x03\xea" },
		{ WS_TEXT, STR("9"), "\x88\x02\x03\xea" },
		{ WS_TEXT, STR("2"), "\x88\x02\x03\xea" },
		{ WS_TEXT, STR("4abc"), "\x88\x02\x03\xea" },
		{ WS_TEXT, STR("\xff"), "\x88\x02\x03\xef" },
		{ WS_BINARY, STR("abc"), "\x88\x02\x03\xea" },
		{ WS_TEXT, STR("1"), "\x88\x02\x03\xe8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;

		open_session();
		buf_init(&out, 1000);
		script_frame(&out, rows[i].op, true, rows[i].data);
		say(out.p, out.n);
		buf_finish(&out);
		assert_memory_equal(hear(), rows[i].close, 4);
		assert_true(client_sees_the_end());
		close(client);
		turn();
		connect_client();
	}
}

static void a_client_is_not_called_slow_for_what_comes_at_once(void **state)
{
	(void)state;
	open_session();
	say_text("42[\"flood\"]");
	later(4999);
	say_text("420[\"next\"]");
	assert_int_equal(gone, 0);
	later(1);
	say_text("420[\"next\"]");
	assert_int_equal(gone, 1);
	later(5000);
	assert_int_equal(server_count(server), 0);
}

static void closing_all_says_restart_and_no_goodbye(void **state)
{
	(void)state;
	open_session();
	server_close_all(server, WS_CLOSE_RESTART);
	turn();
	assert_memory_equal(hear(), "\x88\x02\x03\xf4", 4);
	assert_int_equal(gone, 1);
	close(client);
	connect_client();
	answers_are(UPGRADE, "HTTP/1.1 503 ", "Retry-After: ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_opening_is_answered_with_101_and_the_open_packet),
		TEST(the_opening_and_the_first_packets_may_be_cut_anywhere),
		TEST(refusals_are_answered_in_plain_http),
		TEST(another_sites_page_is_refused),
		TEST(a_full_relay_says_so),
		TEST(a_client_that_sends_no_request_is_dropped_after_ten_seconds),
		TEST(a_head_that_comes_too_slowly_is_answered_408),
		TEST(without_login_the_transport_closes_after_thirty_seconds),
		TEST(pings_come_every_interval_and_a_silent_client_is_dropped),
		TEST(a_client_that_never_answers_stays_ten_minutes),
		TEST(first_pings_of_a_burst_are_spread),
		TEST(a_refused_client_gets_401_then_41_then_the_end),
		TEST(a_client_that_does_not_hang_up_is_dropped_after_the_linger),
		TEST(websocket_pings_are_answered_and_close_is_echoed),
		TEST(wrong_packets_close_with_their_code),
		TEST(a_client_is_not_called_slow_for_what_comes_at_once),
		TEST(closing_all_says_restart_and_no_goodbye),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
