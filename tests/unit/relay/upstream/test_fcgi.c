#include "relay/upstream/fcgi.h"

#include "../../unit.h"

static void a_request_is_begin_params_and_empty_input(void **state)
{
	static const char expected[] = "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0" /* begin: responder */
				       "\1\4\0\1\0\4\0\0\1\1aB"            /* params */
				       "\1\4\0\1\0\0\0\0"
				       "\1\5\0\1\0\0\0\0";
	const struct fcgi_param param = { "a", STR("B") };
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	fcgi_request_put(&out, &param, 1);
	assert_int_equal(out.n, sizeof(expected) - 1);
	assert_memory_equal(out.p, expected, sizeof(expected) - 1);
	buf_finish(&out);
}

static void long_values_have_a_wide_length(void **state)
{
	static char value[300];
	const struct fcgi_param param = { "n", { value, sizeof(value) } };
	struct buf out;

	(void)state;
	memset(value, 'v', sizeof(value));
	buf_init(&out, 1000);
	fcgi_request_put(&out, &param, 1);
	assert_memory_equal(out.p + 16, "\1\4\0\1\1\62\0\0\1\x80\0\1\x2cnv", 15);
	buf_finish(&out);
}

/* An answer of two output records with padding, words on standard error, and the end. */
static const char answer[] = "\1\6\0\1\0\32\3\0Status: 401 No\r\nA: b\r\n\r\n{\"abc"
			     "\1\7\0\1\0\4\0\0oops"
			     "\1\6\0\1\0\3\0\0\":1"
			     "\1\3\0\1\0\10\0\0\0\0\0\0\0\0\0\0";

static void an_answer_is_read_wherever_it_is_cut(void **state)
{
	(void)state;
	for (size_t cut = 0; cut < sizeof(answer) - 1; cut++) {
		struct fcgi_answer a;
		struct str body;
		int status = 0;

		fcgi_answer_init(&a, 1000);
		assert_int_equal(fcgi_answer_feed(&a, answer, cut), ERR_AGAIN);
		assert_int_equal(
			fcgi_answer_feed(&a, answer + cut, sizeof(answer) - 1 - cut), ERR_OK);
		assert_true(fcgi_answer_read(&a, &status, &body));
		assert_int_equal(status, 401);
		assert_str_equal(body, "{\"\":1");
		fcgi_answer_finish(&a);
	}
}

static void what_is_no_answer_or_too_long_is_refused(void **state)
{
	struct fcgi_answer a;
	struct str body;
	int status;

	(void)state;
	fcgi_answer_init(&a, 10);
	assert_int_equal(fcgi_answer_feed(&a, "HTTP/1.1 400 Bad Request", 24), ERR_PROTOCOL);
	fcgi_answer_finish(&a);
	fcgi_answer_init(&a, 10);
	assert_int_equal(fcgi_answer_feed(&a, answer, sizeof(answer) - 1), ERR_LIMIT);
	fcgi_answer_finish(&a);
	fcgi_answer_init(&a, 10);
	assert_int_equal(fcgi_answer_feed(&a, "\1\3\0\1\0\10\0\0\0\0\0\0\0\0\0\0", 16), ERR_OK);
	assert_false(fcgi_answer_read(&a, &status, &body));
	fcgi_answer_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_begin_params_and_empty_input),
		cmocka_unit_test(long_values_have_a_wide_length),
		cmocka_unit_test(an_answer_is_read_wherever_it_is_cut),
		cmocka_unit_test(what_is_no_answer_or_too_long_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
