#include "base/origin.h"

#include "../unit.h"

#define HOST STR("dial.example.org")
#define TLS  STR("https")

static void scheme_host_and_default_port_are_brought_to_one_form(void **state)
{
	static const char *const same[] = { "https://dial.example.org", "HTTPS://DIAL.example.ORG",
		"https://dial.example.org:443", "wss://dial.example.org",
		"wss://dial.example.org.:443", "https://dial.example.org:" };
	static const char *const others[] = { "http://dial.example.org", "ws://dial.example.org",
		"https://dial.example.org:444", "https://dial.example.org:80",
		"https://dial.example.org.evil.net", "https://user@dial.example.org",
		"https://dial.example.org:99999", "dial.example.org", "null", "file://", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_true(origin_eq(str_from(same[i]), str_from(same[0])));
		assert_true(origin_is_own(str_from(same[i]), HOST, TLS));
		assert_true(origin_is_own(str_from(same[i]), STR("Dial.Example.org:443"), TLS));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_false(origin_eq(str_from(others[i]), str_from(same[0])));
		assert_false(origin_eq(str_from(same[0]), str_from(others[i])));
		assert_false(origin_is_own(str_from(others[i]), HOST, TLS));
	}
	assert_true(origin_is_own(STR("ws://[::1]:8443"), STR("[::1]:8443"), STR("http")));
	assert_true(origin_is_own(STR("http://[::1]"), STR("[::1]"), STR("http")));
	assert_false(origin_is_own(STR("https://"), STR(""), TLS));
}

static void packaged_apps_are_listed_by_their_own_schemes(void **state)
{
	const char *list = "file://, null, capacitor://localhost,ionic://localhost app://main "
			   "http://localhost";

	(void)state;
	assert_int_equal(origin_find(STR("file://"), list), ORIGIN_LISTED);
	assert_int_equal(origin_find(STR("null"), list), ORIGIN_LISTED);
	assert_int_equal(origin_find(STR("capacitor://localhost"), list), ORIGIN_LISTED_BY_NAME);
	assert_int_equal(origin_find(STR("ionic://localhost"), list), ORIGIN_LISTED_BY_NAME);
	assert_int_equal(origin_find(STR("app://main"), list), ORIGIN_LISTED_BY_NAME);
	assert_int_equal(origin_find(STR("http://localhost"), list), ORIGIN_LISTED_BY_NAME);
	assert_int_equal(origin_find(STR("ws://localhost:80"), list), ORIGIN_LISTED_BY_NAME);
	assert_int_equal(origin_find(STR("https://localhost"), list), ORIGIN_NOT_LISTED);
	assert_int_equal(origin_find(STR("capacitor://other"), list), ORIGIN_NOT_LISTED);
	assert_int_equal(origin_find(STR("file://host"), list), ORIGIN_NOT_LISTED);
	assert_int_equal(origin_find(STR("*"), list), ORIGIN_NOT_LISTED);
	assert_int_equal(origin_find(STR(""), list), ORIGIN_NOT_LISTED);
}

static void a_star_lists_any_but_not_by_name(void **state)
{
	(void)state;
	assert_int_equal(origin_find(STR("https://a.example"), "*"), ORIGIN_LISTED);
	assert_int_equal(origin_find(STR("null"), "*"), ORIGIN_LISTED);
	assert_int_equal(origin_find(STR("https://a.example"), "*, https://a.example"),
		ORIGIN_LISTED_BY_NAME);
	assert_int_equal(origin_find(STR("https://a.example"), ""), ORIGIN_NOT_LISTED);
	assert_int_equal(origin_find((struct str){ 0 }, "*"), ORIGIN_NOT_LISTED);
}

static void what_a_list_may_name(void **state)
{
	static const char *const good[] = { "null", "file://", "https://a.example",
		"http://localhost", "http://localhost:3000", "https://[::1]:8443",
		"capacitor://localhost", "ionic://localhost", "app://main",
		"chrome-extension://abc" };
	static const char *const bad[] = { "", "a.example", "https://", "https://a.example/path",
		"https://a.example:0", "https://a.example:x", "file://host", "://a", "Null",
		"https://u@a.example", "http://a b" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(origin_is_valid(str_from(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(origin_is_valid(str_from(bad[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scheme_host_and_default_port_are_brought_to_one_form),
		cmocka_unit_test(packaged_apps_are_listed_by_their_own_schemes),
		cmocka_unit_test(a_star_lists_any_but_not_by_name),
		cmocka_unit_test(what_a_list_may_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
