#include "outgoing/guard.h"

#include "server.h"

static bool allows(const struct guard *g, const char *address)
{
	struct ip_network n;

	assert_true(ip_network_parse(str_from(address), &n));
	return guard_allows(g, &n.first);
}

static void private_places_are_reached_when_they_are_named(void **state)
{
	const struct guard none = { .private_places = "", .host = "a.example" };
	const struct guard network = { .private_places = "10.1.0.0/16,::1", .host = "a.example" };
	const struct guard host = { .private_places = "b.example,a.example", .host = "A.example" };

	(void)state;
	assert_true(allows(&none, "8.8.8.8"));
	assert_false(allows(&none, "10.1.2.3"));
	assert_true(allows(&network, "10.1.2.3"));
	assert_true(allows(&network, "::ffff:10.1.2.3"));
	assert_true(allows(&network, "::1"));
	assert_false(allows(&network, "10.2.2.3"));
	assert_false(allows(&network, "127.0.0.1"));
	assert_true(allows(&host, "127.0.0.1"));
}

static void what_is_not_encrypted_goes_to_named_places_alone(void **state)
{
	const struct guard plain = {
		.private_places = "8.8.4.4", .host = "a.example", .is_plain = true
	};

	(void)state;
	assert_false(allows(&plain, "8.8.8.8"));
	assert_true(allows(&plain, "8.8.4.4"));
}

/* Returns how many connections reached the server. */
static size_t reach(const char *host, const char *places, CURLcode *ret)
{
	struct server s = server_start("HTTP/1.0 200 OK\r\n\r\n", 1);
	struct guard g = { .private_places = places, .host = host };
	CURL *easy = curl_easy_init();
	char url[256];

	snprintf(url, sizeof(url), "http://%s:%u/", host, s.port);
	guard_install(&g, easy);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	*ret = curl_easy_perform(easy);
	curl_easy_cleanup(easy);
	if (*ret == CURLE_COULDNT_CONNECT)
		assert_string_not_equal(g.refused, "");
	return server_stop(&s);
}

static void no_way_to_write_an_address_leads_past_the_guard(void **state)
{
	static const char *const forms[] = { "127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1",
		"017700000001", "127.1", "127.0.1", "0x7f.0.0.1", "localhost", "LOCALHOST",
		"localhost.", "a.localhost", "0.0.0.0", "0", "[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]", "[::1]", "[0:0:0:0:0:0:0:1]", "[64:ff9b::127.0.0.1]",
		"[fe80::1]", "[::]", "%31%32%37.0.0.1", NULL };
	CURLcode code;

	(void)state;
	for (const char *const *f = forms; *f; f++) {
		assert_int_equal(reach(*f, "", &code), 0);
		if (code == CURLE_OK)
			fail_msg("%s was reached", *f);
	}
}

static void a_named_place_is_reached_by_its_address_or_its_name(void **state)
{
	CURLcode code;

	(void)state;
	assert_int_equal(reach("127.0.0.1", "127.0.0.0/8", &code), 1);
	assert_int_equal(reach("localhost", "localhost", &code), 1);
	assert_int_equal(reach("2130706433", "127.0.0.1", &code), 1);
}

static void proxies_of_the_environment_are_not_used(void **state)
{
	struct server proxy = server_start("HTTP/1.0 200 OK\r\n\r\n", 1);
	char url[64];
	CURLcode code;

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", proxy.port);
	setenv("http_proxy", url, 1);
	setenv("all_proxy", url, 1);
	assert_int_equal(reach("10.0.0.1", "", &code), 0);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	assert_int_equal(code, CURLE_COULDNT_CONNECT);
	assert_int_equal(server_stop(&proxy), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_places_are_reached_when_they_are_named),
		cmocka_unit_test(what_is_not_encrypted_goes_to_named_places_alone),
		cmocka_unit_test(no_way_to_write_an_address_leads_past_the_guard),
		cmocka_unit_test(a_named_place_is_reached_by_its_address_or_its_name),
		cmocka_unit_test(proxies_of_the_environment_are_not_used),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
