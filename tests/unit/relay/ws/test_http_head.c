#include "relay/ws/http_head.h"

#include "../../unit.h"

static const char request[] = "GET /api/ws/?EIO=4&transport=websocket HTTP/1.1\r\n"
			      "Host: dial.example.org\r\n"
			      "Connection: keep-alive, Upgrade\r\n"
			      "upgrade: websocket\r\n"
			      "X-Forwarded-For:  192.0.2.7 \r\n"
			      "Cookie: a=b\r\n"
			      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			      "Sec-WebSocket-Version: 13\r\n"
			      "\r\n";

static enum err parse(const char *text, struct http_head *ret)
{
	size_t used;

	return http_head_parse(str_from(text), ret, &used);
}

static void a_head_is_read_into_slices(void **state)
{
	struct http_head h;
	size_t used = 0;

	(void)state;
	assert_int_equal(http_head_parse(str_from(request), &h, &used), ERR_OK);
	assert_int_equal(used, strlen(request));
	assert_str_equal(h.method, "GET");
	assert_str_equal(h.path, "/api/ws/");
	assert_str_equal(h.query, "EIO=4&transport=websocket");
	assert_str_equal(h.host, "dial.example.org");
	assert_str_equal(h.forwarded_for, "192.0.2.7");
	assert_str_equal(h.upgrade, "websocket");
	assert_str_equal(h.ws_key, "dGhlIHNhbXBsZSBub25jZQ==");
	assert_null(h.origin.p);
	assert_true(h.keep_alive);
	assert_false(h.has_length);
}

static void a_head_cut_anywhere_asks_for_more(void **state)
{
	struct http_head h;
	size_t used;

	(void)state;
	for (size_t n = 0; n < strlen(request); n++)
		assert_int_equal(http_head_parse((struct str){ request, n }, &h, &used), ERR_AGAIN);
}

static void bytes_behind_the_head_are_left(void **state)
{
	static const char two[] = "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /";
	struct http_head h;
	size_t used = 0;

	(void)state;
	assert_int_equal(http_head_parse(str_from(two), &h, &used), ERR_OK);
	assert_int_equal(used, strlen(two) - strlen("abcGET /"));
	assert_true(h.has_length);
	assert_int_equal(h.content_length, 3);
}

static void connection_close_and_http_1_0_end_the_connection(void **state)
{
	struct http_head h;

	(void)state;
	assert_int_equal(parse("GET / HTTP/1.0\r\n\r\n", &h), ERR_OK);
	assert_false(h.keep_alive);
	assert_int_equal(parse("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", &h), ERR_OK);
	assert_false(h.keep_alive);
}

static void requests_that_could_be_read_two_ways_are_refused(void **state)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\nHost: a\n\n",
		"GET / HTTP/2\r\n\r\n",
		"GET  / HTTP/1.1\r\n\r\n",
		"GET http://x/ HTTP/1.1\r\n\r\n",
		"GET /\r\n\r\n",
		"G{T / HTTP/1.1\r\n\r\n",
		"GET /\x01 HTTP/1.1\r\n\r\n",
		"\r\nGET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\x01\r\n\r\n",
		"GET / HTTP/1.1\r\n: b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nSec-WebSocket-Key: a\r\nSec-WebSocket-Key: a\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
	};
	struct http_head h;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(bad[i], &h), ERR_PROTOCOL);
}

static void an_origin_with_control_characters_is_told_apart_and_never_repeated(void **state)
{
	struct http_head h;

	(void)state;
	assert_int_equal(parse("GET / HTTP/1.1\r\nOrigin: https://a\x01\r\n\r\n", &h), ERR_OK);
	assert_true(h.bad_origin);
	assert_null(h.origin.p);
	assert_int_equal(
		parse("GET / HTTP/1.1\r\nOrigin: https://a\r\nOrigin: \x7f\r\n\r\n", &h), ERR_OK);
	assert_true(h.bad_origin);
	assert_null(h.origin.p);
	assert_int_equal(parse("GET / HTTP/1.1\r\nOrigin: https://a\xe9\r\n\r\n", &h), ERR_OK);
	assert_false(h.bad_origin);
}

static void a_head_over_8_kib_is_refused(void **state)
{
	static char text[HTTP_HEAD_MAX + 100];
	struct http_head h;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(parse(text, &h), ERR_LIMIT);
	memcpy(text, "GET / HTTP/1.1\r\nA: ", 19);
	memcpy(text + sizeof(text) - 5, "\r\n\r\n", 5);
	assert_int_equal(parse(text, &h), ERR_LIMIT);
}

static void query_parameters_are_decoded_and_the_first_counts(void **state)
{
	struct str query = STR("transport=polling&sid=a%2Db&sid=c&t&bad=%4&zero=%00");
	char out[8];

	(void)state;
	assert_true(http_query_get(query, "transport", out, sizeof(out)));
	assert_string_equal(out, "polling");
	assert_true(http_query_get(query, "sid", out, sizeof(out)));
	assert_string_equal(out, "a-b");
	assert_true(http_query_get(query, "t", out, sizeof(out)));
	assert_string_equal(out, "");
	assert_false(http_query_get(query, "EIO", out, sizeof(out)));
	assert_false(http_query_get(query, "bad", out, sizeof(out)));
	assert_false(http_query_get(query, "zero", out, sizeof(out)));
	assert_false(http_query_get(STR("a=12345678"), "a", out, sizeof(out)));
	assert_false(http_query_get((struct str){ 0 }, "a", out, sizeof(out)));
	assert_true(http_query_has(query, "bad"));
	assert_true(http_query_has(STR("a=12345678&b"), "b"));
	assert_false(http_query_has(query, "si"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_read_into_slices),
		cmocka_unit_test(a_head_cut_anywhere_asks_for_more),
		cmocka_unit_test(bytes_behind_the_head_are_left),
		cmocka_unit_test(connection_close_and_http_1_0_end_the_connection),
		cmocka_unit_test(requests_that_could_be_read_two_ways_are_refused),
		cmocka_unit_test(
			an_origin_with_control_characters_is_told_apart_and_never_repeated),
		cmocka_unit_test(a_head_over_8_kib_is_refused),
		cmocka_unit_test(query_parameters_are_decoded_and_the_first_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
