#include "relay/link/origin.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_origin_is_no_browser),
		cmocka_unit_test(the_same_host_is_always_allowed),
		cmocka_unit_test(other_origins_must_be_on_the_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
