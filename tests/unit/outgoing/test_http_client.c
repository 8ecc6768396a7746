#include "outgoing/http_client.h"

#include <poll.h>

#include "../arena.h"
#include "outgoing/transfers.h"
#include "server.h"

#define OK "HTTP/1.1 200 OK\r\n"

static struct outgoing_settings local = { .private_places = "127.0.0.1", .ca_file = "" };
static struct http_client *client;

static int make(void **state)
{
	client = http_client_new(&local);
	return client ? setup(state) : -1;
}

static int drop(void **state)
{
	http_client_free(&client);
	return teardown(state);
}

/* What one call to a server of that answer ends with. */
static enum err ask(const char *text, size_t times, struct http_answer *ret)
{
	struct server s = server_start(text, times);
	const struct http_call call = { .url = arena_printf(arena, "http://127.0.0.1:%u/", s.port),
		.timeout_ms = 500,
		.answer_max = 1000 };
	enum err e = http_client_send(client, &call, arena, ret);

	server_stop(&s);
	return e;
}

static void an_answer_has_its_status_its_body_and_when_to_come_again(void **state)
{
	struct http_answer answer;

	(void)state;
	assert_int_equal(ask(OK "Content-Length: 5\r\n\r\nhello", 1, &answer), ERR_OK);
	assert_int_equal(answer.status, 200);
	assert_str_equal(answer.body, "hello");
	assert_int_equal(answer.retry_after_s, 0);
	assert_int_equal(
		ask("HTTP/1.1 429 No\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n", 1, &answer),
		ERR_OK);
	assert_int_equal(answer.status, 429);
	assert_int_equal(answer.retry_after_s, 17);
}

static void a_redirect_is_an_answer_and_is_not_followed(void **state)
{
	struct http_answer answer;

	(void)state;
	assert_int_equal(ask("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n"
			     "Content-Length: 0\r\n\r\n",
				 1, &answer),
		ERR_OK);
	assert_int_equal(answer.status, 302);
}

static void an_answer_of_any_size_is_taken_up_to_its_limit(void **state)
{
	struct http_answer answer;

	(void)state;
	assert_int_equal(ask(OK "Content-Length: 10485760\r\n\r\n", 1, &answer), ERR_PROTOCOL);
	assert_int_equal(ask(OK "\r\n0123456789abcdef0123456789abcdef", 100, &answer), ERR_LIMIT);
	assert_string_equal(http_client_why(client), "the answer is too large");
	assert_int_equal(ask("HTTP/1.1 100 Continue\r\n\r\n", 3000, &answer), ERR_LIMIT);
}

static void what_is_no_http_is_told_from_a_server_that_is_away(void **state)
{
	const struct http_call away = { .url = "http://127.0.0.1:1/", .timeout_ms = 500 };
	struct http_answer answer;

	(void)state;
	assert_int_equal(ask("garbage\r\n\r\n", 1, &answer), ERR_PROTOCOL);
	assert_int_equal(ask("", 1, &answer), ERR_PROTOCOL);
	assert_int_equal(
		ask(OK "Content-Length: 50\r\n\r\nin the middle", 1, &answer), ERR_PROTOCOL);
	assert_int_equal(http_client_send(client, &away, arena, &answer), ERR_UNAVAILABLE);
	assert_int_equal(ask(NULL, 1, &answer), ERR_UNAVAILABLE);
	assert_non_null(strstr(http_client_why(client), "timed out"));
}

static void what_is_no_call_is_not_made(void **state)
{
	static const char *const two_lines[] = { "X-A: b\r\nX-C: d", NULL };
	static const char *const bad[] = { "", "127.0.0.1", "file:///etc/passwd",
		"gopher://127.0.0.1/", "ftp://127.0.0.1/", "http://user:password@127.0.0.1:1/",
		"http://127.0.0.1:1/a b\n", "http://127.0.0.1:99999/", "http:///", NULL };
	struct http_call call = { .url = "http://127.0.0.1:1/", .headers = two_lines };
	struct http_answer answer;

	(void)state;
	assert_int_equal(http_client_send(client, &call, arena, &answer), ERR_INVALID);
	call.headers = NULL;
	for (const char *const *url = bad; *url; url++) {
		call.url = *url;
		if (http_client_send(client, &call, arena, &answer) != ERR_INVALID)
			fail_msg("%s was called", *url);
	}
}

static void a_place_that_is_not_named_is_refused_and_told(void **state)
{
	const struct http_call metadata = { .url = "http://169.254.169.254/latest/" };
	struct http_answer answer;

	(void)state;
	assert_int_equal(http_client_send(client, &metadata, arena, &answer), ERR_FORBIDDEN);
	assert_string_equal(http_client_why(client),
		"169.254.169.254 is not to be reached (setting outgoing_private)");
}

struct ending {
	enum err e;
	struct http_answer answer;
	size_t count;
};

static void end(void *arg, enum err e, const struct http_answer *answer, const char *why)
{
	struct ending *ending = arg;

	assert_int_equal(e == ERR_OK, *why == '\0');
	*ending = (struct ending){ e, *answer, ending->count + 1 };
}

static void run_until(struct transfers *t, const struct ending *one, const struct ending *other)
{
	while (one->count + other->count < 2) {
		struct pollfd p = { .fd = transfers_fd(t), .events = POLLIN };

		poll(&p, 1, transfers_wait_ms(t, 1000));
		transfers_run(t);
	}
}

static void calls_are_made_beside_each_other(void **state)
{
	struct server quiet = server_start(NULL, 1),
		      quick = server_start(OK "Content-Length: 2\r\n\r\nhi", 1);
	struct http_call call = { .url = arena_printf(arena, "http://127.0.0.1:%u/", quiet.port),
		.timeout_ms = 300 };
	struct transfers *t = transfers_new();
	struct ending late = { 0 }, soon = { 0 }, never = { 0 };

	(void)state;
	http_start(t, &local, &call, arena, end, &late);
	call.url = arena_printf(arena, "http://127.0.0.1:%u/", quick.port);
	http_start(t, &local, &call, arena, end, &soon);
	call.url = "file:///etc/passwd";
	http_start(t, &local, &call, arena, end, &never);
	assert_int_equal(never.e, ERR_INVALID);
	run_until(t, &late, &soon);
	assert_int_equal(late.e, ERR_UNAVAILABLE);
	assert_int_equal(soon.e, ERR_OK);
	assert_str_equal(soon.answer.body, "hi");
	transfers_free(&t);
	server_stop(&quiet);
	server_stop(&quick);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_its_status_its_body_and_when_to_come_again),
		cmocka_unit_test(a_redirect_is_an_answer_and_is_not_followed),
		cmocka_unit_test(an_answer_of_any_size_is_taken_up_to_its_limit),
		cmocka_unit_test(what_is_no_http_is_told_from_a_server_that_is_away),
		cmocka_unit_test(what_is_no_call_is_not_made),
		cmocka_unit_test(a_place_that_is_not_named_is_refused_and_told),
		cmocka_unit_test(calls_are_made_beside_each_other),
	};
	return cmocka_run_group_tests(tests, make, drop);
}
