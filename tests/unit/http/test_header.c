#include "http/header.h"

#include "../arena.h"

static void a_cookie_is_found_by_its_whole_name(void **state)
{
	struct str v = STR("?");

	(void)state;
	assert_true(header_cookie(STR("a=1; x-api-key=K=2 ;b=\"q\""), "x-api-key", &v));
	assert_str_equal(v, "K=2");
	assert_true(header_cookie(STR("a=1; b=\"q\""), "b", &v));
	assert_str_equal(v, "q");
	assert_true(header_cookie(STR("b=; b=2"), "b", &v));
	assert_str_equal(v, "");
	assert_false(header_cookie(STR("xb=1; bx=2; B=3; b"), "b", &v));
	assert_false(header_cookie(STR(""), "b", &v));
}

static void authorization_is_scheme_and_rest(void **state)
{
	struct str scheme, rest;

	(void)state;
	assert_true(header_authorization(STR(" Bearer  a.b.c "), &scheme, &rest));
	assert_str_equal(scheme, "Bearer");
	assert_str_equal(rest, "a.b.c");
	assert_true(header_authorization(STR("Digest"), &scheme, &rest));
	assert_str_equal(rest, "");
	assert_false(header_authorization(STR(""), &scheme, &rest));
	assert_false(header_authorization(STR("\"x\" y"), &scheme, &rest));
	assert_false(header_authorization(STR("a=b"), &scheme, &rest));
}

static void digest_is_read_as_clients_write_it(void **state)
{
	struct digest_credentials d = { 0 };

	(void)state;
	assert_int_equal(
		header_digest(arena,
			STR("username=\"bob\", realm=\"sip.\\\"x\\\\\", nonce=\"n,1\",uri=\"/api/"
			    "accounts/me?a=b\",\talgorithm=\"MD5\", nc=00000001 , qop=auth,"
			    "cnonce=a~-_, response=\"0af\",opaque=\"\", userhash=false"),
			&d),
		ERR_OK);
	assert_string_equal(d.username, "bob");
	assert_string_equal(d.realm, "sip.\"x\\");
	assert_string_equal(d.nonce, "n,1");
	assert_string_equal(d.uri, "/api/accounts/me?a=b");
	assert_string_equal(d.algorithm, "MD5");
	assert_string_equal(d.nc, "00000001");
	assert_string_equal(d.qop, "auth");
	assert_string_equal(d.cnonce, "a~-_");
	assert_string_equal(d.response, "0af");
	assert_string_equal(d.opaque, "");
}

static void what_digest_leaves_out_is_null(void **state)
{
	struct digest_credentials d = { .nonce = "x" };

	(void)state;
	assert_int_equal(header_digest(arena, STR("Realm=r"), &d), ERR_OK);
	assert_string_equal(d.realm, "r");
	assert_null(d.nonce);
	assert_null(d.algorithm);
}

static void broken_digest_is_refused(void **state)
{
	const char *const broken[] = { "", "username", "username=", "=x", "username=\"a",
		"username=\"a\\", "username=\"a\"b", "username=a username=b", "realm=a,realm=b",
		"realm=a,Realm=\"a\"", "realm=a,", "realm=a,,nc=1", "realm=\"a\nb\"",
		"realm=\"\xff\"", "realm=a\"b\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct digest_credentials d;

		if (header_digest(arena, str_from(broken[i]), &d) != ERR_BAD_REQUEST)
			fail_msg("accepted: %s", broken[i]);
	}
}

static void media_types_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(header_media(STR("")), MEDIA_NONE);
	assert_int_equal(header_media(STR("application/json")), MEDIA_JSON);
	assert_int_equal(header_media(STR("Application/JSON;charset=UTF-8")), MEDIA_JSON);
	assert_int_equal(header_media(STR("application/vnd.api+json ; x")), MEDIA_JSON);
	assert_int_equal(header_media(STR("application/x-www-form-urlencoded")), MEDIA_FORM);
	assert_int_equal(header_media(STR("multipart/form-data; boundary=x")), MEDIA_MULTIPART);
	assert_int_equal(header_media(STR("text/plain")), MEDIA_OTHER);
	assert_int_equal(header_media(STR("+json")), MEDIA_OTHER);
	assert_int_equal(header_media(STR("application/jsonx")), MEDIA_OTHER);
}

static void only_the_named_media_type_is_accepted(void **state)
{
	const char *problem = "application/problem+json";

	(void)state;
	assert_true(header_accepts(STR("application/json, Application/Problem+json"), problem));
	assert_true(header_accepts(STR("application/problem+json;q=0.1"), problem));
	assert_false(header_accepts(STR("application/problem+json; q=0"), problem));
	assert_false(header_accepts(STR("*/*, application/json"), problem));
	assert_false(header_accepts(STR(""), problem));
}

static enum language choose(const char *header)
{
	return language_choose(str_from(header));
}

static void the_language_is_the_best_we_speak(void **state)
{
	(void)state;
	assert_int_equal(choose(""), LANGUAGE_EN);
	assert_int_equal(choose("fr"), LANGUAGE_FR);
	assert_int_equal(choose("FR-ca"), LANGUAGE_FR);
	assert_int_equal(choose("de"), LANGUAGE_EN);
	assert_int_equal(choose("de, it;q=0.5"), LANGUAGE_IT);
	assert_int_equal(choose("fr;q=0.4,it;q=0.8, en;q=0.1"), LANGUAGE_IT);
	assert_int_equal(choose("it, fr"), LANGUAGE_IT);
	assert_int_equal(choose("de;q=1, fr ; q=0.001"), LANGUAGE_FR);
	assert_int_equal(choose("*, fr;q=0.9"), LANGUAGE_EN);
	assert_int_equal(choose("fr;q=0.9, *;q=0.1"), LANGUAGE_FR);
}

static void refused_or_broken_ranges_do_not_count(void **state)
{
	(void)state;
	assert_int_equal(choose("fr;q=0"), LANGUAGE_EN);
	assert_int_equal(choose("fr;q=0.000, it;q=0.2"), LANGUAGE_IT);
	assert_int_equal(choose("fr;q=2, it;q=0.2"), LANGUAGE_IT);
	assert_int_equal(choose("fr;q=, it;q=0.2"), LANGUAGE_IT);
	assert_int_equal(choose("fr;q=1.001"), LANGUAGE_EN);
	assert_int_equal(choose("french,,;;q=,fri"), LANGUAGE_EN);
	assert_int_equal(choose("*;q=0, fr;q=0.1"), LANGUAGE_FR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
		cmocka_unit_test(authorization_is_scheme_and_rest),
		cmocka_unit_test(digest_is_read_as_clients_write_it),
		cmocka_unit_test(what_digest_leaves_out_is_null),
		cmocka_unit_test(broken_digest_is_refused),
		cmocka_unit_test(media_types_are_told_apart),
		cmocka_unit_test(only_the_named_media_type_is_accepted),
		cmocka_unit_test(the_language_is_the_best_we_speak),
		cmocka_unit_test(refused_or_broken_ranges_do_not_count),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
