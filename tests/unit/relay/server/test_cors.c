#include "relay/server/cors.h"

#include "../../unit.h"

static struct server_settings settings = { .cors_headers = "authorization,content-type" };

static bool is_allowed(struct str origin, const char *scheme, const char *allowed)
{
	const struct http_head head = { .origin = origin,
		.host = STR("dial.example.org"),
		.forwarded_proto = scheme ? str_from(scheme) : (struct str){ 0 } };

	settings.allowed_origins = allowed;
	return cors_is_allowed(&head, &settings);
}

static void no_origin_is_no_browser(void **state)
{
	(void)state;
	assert_true(is_allowed((struct str){ 0 }, "https", ""));
}

static void the_servers_own_origin_is_always_allowed(void **state)
{
	(void)state;
	assert_true(is_allowed(STR("https://dial.example.org"), "https", ""));
	assert_true(is_allowed(STR("wss://Dial.Example.org:443"), "https", ""));
	assert_true(is_allowed(STR("http://dial.example.org"), NULL, ""));
	assert_false(is_allowed(STR("http://dial.example.org"), "https", ""));
	assert_false(is_allowed(STR("https://dial.example.org.evil.net"), "https", ""));
	assert_false(is_allowed(STR("null"), "https", ""));
}

static void other_origins_must_be_on_the_list(void **state)
{
	const char *list = "https://a.example,file://,capacitor://localhost";

	(void)state;
	assert_true(is_allowed(STR("https://a.example"), "https", list));
	assert_true(is_allowed(STR("file://"), "https", list));
	assert_true(is_allowed(STR("capacitor://localhost"), "https", list));
	assert_false(is_allowed(STR("null"), "https", list));
	assert_false(is_allowed(STR("http://a.example"), "https", list));
	assert_true(is_allowed(STR("https://c.example"), "https", "*"));
}

static void lines_are(struct str origin, const char *allowed, const char *expected)
{
	const struct http_head head = { .origin = origin, .host = STR("dial.example.org") };
	struct buf out;

	settings.allowed_origins = allowed;
	buf_init(&out, 1000);
	cors_put(&out, &head, &settings);
	assert_str_equal(buf_str(&out), expected);
	buf_finish(&out);
}

static void a_page_may_read_answers_when_it_is_on_the_list(void **state)
{
	(void)state;
	lines_are(STR("https://a.example"), "https://a.example",
		"Access-Control-Allow-Origin: https://a.example\r\nVary: Origin\r\n"
		"Access-Control-Allow-Credentials: true\r\n");
	lines_are(STR("https://c.example"), "https://a.example", "");
	lines_are((struct str){ 0 }, "*", "");
}

static void what_many_pages_share_is_repeated_and_gets_no_credentials(void **state)
{
	(void)state;
	lines_are(STR("https://c.example"), "*",
		"Access-Control-Allow-Origin: https://c.example\r\nVary: Origin\r\n");
	lines_are(STR("null"), "file://,null",
		"Access-Control-Allow-Origin: null\r\nVary: Origin\r\n");
	lines_are(STR("file://"), "file://,null",
		"Access-Control-Allow-Origin: file://\r\nVary: Origin\r\n");
}

static void preflight_is(struct str asked, const char *expected)
{
	const struct http_head head = { .asked_headers = asked };
	struct buf out;

	buf_init(&out, 1000);
	cors_preflight_put(&out, &head, &settings);
	assert_str_equal(buf_str(&out), expected);
	buf_finish(&out);
}

static void a_preflight_allows_what_a_page_may_send_and_nothing_else(void **state)
{
	(void)state;
	preflight_is(STR("X-Other, Content-Type"), "Access-Control-Allow-Methods: GET,POST\r\n"
						   "Access-Control-Allow-Headers: content-type\r\n"
						   "Access-Control-Max-Age: 600\r\n");
	preflight_is(STR("content-type,Authorization,cookie"),
		"Access-Control-Allow-Methods: GET,POST\r\n"
		"Access-Control-Allow-Headers: authorization, content-type\r\n"
		"Access-Control-Max-Age: 600\r\n");
	preflight_is((struct str){ 0 },
		"Access-Control-Allow-Methods: GET,POST\r\nAccess-Control-Max-Age: 600\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_origin_is_no_browser),
		cmocka_unit_test(the_servers_own_origin_is_always_allowed),
		cmocka_unit_test(other_origins_must_be_on_the_list),
		cmocka_unit_test(a_page_may_read_answers_when_it_is_on_the_list),
		cmocka_unit_test(what_many_pages_share_is_repeated_and_gets_no_credentials),
		cmocka_unit_test(a_preflight_allows_what_a_page_may_send_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
