#include "http/request.h"

#include "../arena.h"

/* A body held in memory. */
struct source {
	const char *p;
	size_t n, reads;
};

static struct request request;

static size_t read_source(void *source, char *p, size_t n)
{
	struct source *s = source;

	s->reads++;
	if (n > s->n)
		n = s->n;
	memcpy(p, s->p, n);
	s->p += n;
	s->n -= n;
	return n;
}

static void init(const char *a, const char *b, const char *c)
{
	static char copy[3][256];
	const char *envp[] = { copy[0], copy[1], copy[2], NULL };
	const char *const from[] = { a, b, c };

	for (int i = 0; i < 3; i++)
		strcpy(copy[i], from[i]);
	request_init(&request, arena, envp, NULL, NULL);
}

static void init_target(const char *target)
{
	init("REQUEST_METHOD=GET", "", target);
}

static void the_environment_is_read(void **state)
{
	const char *envp[] = { "REQUEST_METHOD=DELETE", "REQUEST_URI=/api/a?x=1&y=%20",
		"HTTP_HOST=SIP.Example.ORG.:8443", "REMOTE_ADDR=192.0.2.1", "REQUEST_SCHEME=https",
		"REQUEST_ID=0123abc", "DIALTONE_INTERNAL=1", "HTTP_X_API_KEY=k", "HTTP_X_API_KEY=2",
		"HTTP_AUTHORIZATION=Bearer t=", "HTTP_COOKIE=c", "HTTP_FROM=sip:a@b",
		"HTTP_ACCEPT=*/*", "HTTP_ACCEPT_LANGUAGE=fr", "CONTENT_TYPE=application/json",
		"HTTP_USER_AGENT=curl", "HTTP_ORIGIN=https://x", "HTTP_SEC_FETCH_SITE=none",
		"HTTP_X_LINPHONE_PROVISIONING=", "NOT_A_PAIR", NULL };

	(void)state;
	request_init(&request, arena, envp, NULL, NULL);
	assert_int_equal(request.fault, ERR_OK);
	assert_int_equal(request.method, METHOD_DELETE);
	assert_string_equal(method_name(request.method), "DELETE");
	assert_str_equal(request.target, "/api/a?x=1&y=%20");
	assert_str_equal(request.path, "/api/a");
	assert_str_equal(request.query, "x=1&y=%20");
	assert_string_equal(request.host, "sip.example.org");
	assert_str_equal(request.remote_addr, "192.0.2.1");
	assert_string_equal(request.id, "0123abc");
	assert_true(request.secure);
	assert_true(request.internal);
	assert_true(request.linphone_provisioning);
	assert_str_equal(request.api_key, "k");
	assert_str_equal(request.authorization, "Bearer t=");
	assert_str_equal(request.user_agent, "curl");
	assert_int_equal(request.language, LANGUAGE_FR);
}

static void what_is_absent_is_empty(void **state)
{
	(void)state;
	init_target("REQUEST_URI=/");
	assert_int_equal(request.fault, ERR_OK);
	assert_int_equal(request.segments, 0);
	assert_str_equal(request.query, "");
	assert_str_equal(request.api_key, "");
	assert_str_equal(request.content_type, "");
	assert_string_equal(request.host, "");
	assert_false(request.secure);
	assert_false(request.internal);
	assert_false(request.linphone_provisioning);
	assert_int_equal(request.language, LANGUAGE_EN);
}

static void segments_are_decoded_one_by_one(void **state)
{
	(void)state;
	init_target("REQUEST_URI=/api/accounts/a%2Fb@x/%2B33+1/");
	assert_int_equal(request.fault, ERR_OK);
	assert_int_equal(request.segments, 4);
	assert_str_equal(request.segment[0], "api");
	assert_str_equal(request.segment[2], "a/b@x");
	assert_str_equal(request.segment[3], "+33+1");
	assert_str_equal(request.path, "/api/accounts/a%2Fb@x/%2B33+1/");
}

static void only_one_trailing_slash_is_absent(void **state)
{
	(void)state;
	init_target("REQUEST_URI=/api/");
	assert_int_equal(request.segments, 1);
	init_target("REQUEST_URI=/api//");
	assert_int_equal(request.segments, 2);
	assert_str_equal(request.segment[1], "");
	init_target("REQUEST_URI=//api");
	assert_int_equal(request.segments, 2);
	assert_str_equal(request.segment[0], "");
}

static void raw_quotes_and_brackets_are_accepted(void **state)
{
	(void)state;
	init_target("REQUEST_URI=/api/\"<\xc3\xa9>\"?q=\"<>\"");
	assert_int_equal(request.fault, ERR_OK);
	assert_str_equal(request.segment[1], "\"<\xc3\xa9>\"");
}

static void broken_targets_are_a_fault(void **state)
{
	const char *const broken[] = { "REQUEST_URI=", "REQUEST_URI=*", "REQUEST_URI=api",
		"X=", "REQUEST_URI=/%", "REQUEST_URI=/a%0", "REQUEST_URI=/%zz", "REQUEST_URI=/%00",
		"REQUEST_URI=/%ff", "REQUEST_URI=/\xff", "REQUEST_URI=/a\x01", "REQUEST_URI=/a\x7f",
		"REQUEST_URI=/a?\xff", "REQUEST_URI=?a=/" };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		init("REQUEST_ID=id1", "REQUEST_METHOD=GET", broken[i]);
		if (request.fault != ERR_BAD_REQUEST)
			fail_msg("accepted: %s", broken[i]);
		assert_string_equal(request.id, "id1");
		assert_int_equal(request.method, METHOD_GET);
	}
	init_target("REQUEST_URI=/1/2/3/4/5/6/7/8/9/10/11/12/13");
	assert_int_equal(request.fault, ERR_NOT_FOUND);
}

static void headers_nobody_could_store_are_absent(void **state)
{
	(void)state;
	init("HTTP_USER_AGENT=a\xff", "HTTP_FROM=sip:a\x01@b", "HTTP_ACCEPT=a\tb");
	assert_str_equal(request.user_agent, "");
	assert_str_equal(request.from, "");
	assert_str_equal(request.accept, "a\tb");
}

static void an_odd_request_id_is_replaced(void **state)
{
	char first[REQUEST_ID_SIZE];

	(void)state;
	init("REQUEST_ID=a b", "", "");
	assert_int_equal(strlen(request.id), 32);
	strcpy(first, request.id);
	init("REQUEST_ID=", "", "");
	assert_int_equal(strlen(request.id), 32);
	assert_string_not_equal(request.id, first);
	init("REQUEST_ID=0123456789012345678901234567890123456789012345678901234567890123456789",
		"", "");
	assert_int_equal(strlen(request.id), 32);
}

static void hosts_lose_port_and_dot(void **state)
{
	static const char *const hosts[][2] = { { "HTTP_HOST=A.b", "a.b" },
		{ "HTTP_HOST=a.b.", "a.b" }, { "HTTP_HOST=a.b:1", "a.b" },
		{ "HTTP_HOST=[2001:DB8::1]:443", "[2001:db8::1]" },
		{ "HTTP_HOST=192.0.2.1", "192.0.2.1" }, { "HTTP_HOST=:80", "" },
		{ "SERVER_NAME=fallback", "fallback" } };

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		init(hosts[i][0], "", "");
		assert_string_equal(request.host, hosts[i][1]);
	}
}

static void unknown_methods_are_other(void **state)
{
	(void)state;
	init("REQUEST_METHOD=get", "", "");
	assert_int_equal(request.method, METHOD_OTHER);
	assert_str_equal(request.method_name, "get");
	init("REQUEST_METHOD=OTHER", "", "");
	assert_int_equal(request.method, METHOD_OTHER);
	init("REQUEST_METHOD=HEAD", "", "");
	assert_int_equal(request.method, METHOD_HEAD);
}

static enum err body(const char *length, struct source *source, size_t max, struct str *ret)
{
	char env[64] = "CONTENT_LENGTH=";
	const char *envp[] = { env, NULL };

	strcat(env, length);
	request_init(&request, arena, length[0] ? envp : envp + 1, read_source, source);
	return request_body(&request, max, ret);
}

static void a_body_of_the_promised_length_is_read_once(void **state)
{
	struct source s = { "hello", 5, 0 };
	struct str got = STR("?");

	(void)state;
	assert_int_equal(body("5", &s, 5, &got), ERR_OK);
	assert_str_equal(got, "hello");
	assert_int_equal(got.p[5], '\0');
	assert_int_equal(request_body(&request, 5, &got), ERR_OK);
	assert_str_equal(got, "hello");
	assert_int_equal(s.reads, 1);
	s = (struct source){ "", 0, 0 };
	assert_int_equal(body("", &s, 5, &got), ERR_OK);
	assert_str_equal(got, "");
}

static void a_large_body_is_refused_unread(void **state)
{
	struct source s = { "hello", 5, 0 };
	struct str got;

	(void)state;
	assert_int_equal(body("6", &s, 5, &got), ERR_TOO_LARGE);
	assert_int_equal(body("9223372036854775807", &s, 5, &got), ERR_TOO_LARGE);
	assert_int_equal(s.reads, 0);
}

static void a_body_of_another_length_is_refused(void **state)
{
	const char *const lengths[] = { "4", "6", "-5", "5x", "0x5", "99999999999999999999", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct source s = { "hello", 5, 0 };
		struct str got;

		assert_int_equal(body(lengths[i], &s, 100, &got), ERR_BAD_REQUEST);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment_is_read),
		cmocka_unit_test(what_is_absent_is_empty),
		cmocka_unit_test(segments_are_decoded_one_by_one),
		cmocka_unit_test(only_one_trailing_slash_is_absent),
		cmocka_unit_test(raw_quotes_and_brackets_are_accepted),
		cmocka_unit_test(broken_targets_are_a_fault),
		cmocka_unit_test(headers_nobody_could_store_are_absent),
		cmocka_unit_test(an_odd_request_id_is_replaced),
		cmocka_unit_test(hosts_lose_port_and_dot),
		cmocka_unit_test(unknown_methods_are_other),
		cmocka_unit_test(a_body_of_the_promised_length_is_read_once),
		cmocka_unit_test(a_large_body_is_refused_unread),
		cmocka_unit_test(a_body_of_another_length_is_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
