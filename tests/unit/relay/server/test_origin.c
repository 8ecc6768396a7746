#include "relay/server/origin.h"

#include "../../unit.h"

#define HOST STR("dial.example.org")

static void no_origin_is_no_browser(void **state)
{
	(void)state;
	assert_true(origin_is_allowed((struct str){ 0 }, HOST, ""));
}

static void the_same_host_is_always_allowed(void **state)
{
	(void)state;
	assert_true(origin_is_allowed(STR("https://dial.example.org"), HOST, ""));
	assert_true(origin_is_allowed(
		STR("https://Dial.Example.org:8443"), STR("dial.example.org:8443"), ""));
	assert_false(origin_is_allowed(STR("https://dial.example.org.evil.net"), HOST, ""));
	assert_false(origin_is_allowed(STR("https://evil.net"), HOST, ""));
	assert_false(origin_is_allowed(STR("null"), HOST, ""));
	assert_false(origin_is_allowed(STR("https://"), STR(""), ""));
}

static void other_origins_must_be_on_the_list(void **state)
{
	const char *list = "https://a.example, https://b.example";

	(void)state;
	assert_true(origin_is_allowed(STR("https://a.example"), HOST, list));
	assert_true(origin_is_allowed(STR("https://b.example"), HOST, list));
	assert_false(origin_is_allowed(STR("https://c.example"), HOST, list));
	assert_false(origin_is_allowed(STR("http://a.example"), HOST, list));
	assert_true(origin_is_allowed(STR("https://c.example"), HOST, "*"));
}

static void lines_are(struct str origin, const char *allowed, const char *expected)
{
	struct buf out;

	buf_init(&out, 1000);
	origin_cors_put(&out, origin, allowed);
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

static void any_origin_is_repeated_and_gets_no_credentials(void **state)
{
	(void)state;
	lines_are(STR("https://c.example"), "*",
		"Access-Control-Allow-Origin: https://c.example\r\nVary: Origin\r\n");
}

static void a_preflight_allows_what_a_page_may_send_and_nothing_else(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	origin_preflight_put(&out, STR("X-Other, Content-Type"));
	assert_str_equal(buf_str(&out), "Access-Control-Allow-Methods: GET,POST\r\n"
					"Access-Control-Allow-Headers: content-type\r\n"
					"Access-Control-Max-Age: 600\r\n");
	buf_clear(&out);
	origin_preflight_put(&out, STR("content-type,Authorization,cookie"));
	assert_non_null(strstr(out.p, "Allow-Headers: authorization, content-type\r\n"));
	buf_clear(&out);
	origin_preflight_put(&out, (struct str){ 0 });
	assert_str_equal(buf_str(&out),
		"Access-Control-Allow-Methods: GET,POST\r\nAccess-Control-Max-Age: 600\r\n");
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_origin_is_no_browser),
		cmocka_unit_test(the_same_host_is_always_allowed),
		cmocka_unit_test(other_origins_must_be_on_the_list),
		cmocka_unit_test(a_page_may_read_answers_when_it_is_on_the_list),
		cmocka_unit_test(any_origin_is_repeated_and_gets_no_credentials),
		cmocka_unit_test(a_preflight_allows_what_a_page_may_send_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
