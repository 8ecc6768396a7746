#include "gateways/dialogue.h"

#include "../arena.h"

static struct dialogue refused_with(int status, int64_t retry_after_s)
{
	const struct http_answer answer = { .status = status, .retry_after_s = retry_after_s };
	struct dialogue d = { .arena = arena };

	dialogue_refused(&d, &answer);
	assert_null(d.call.url);
	assert_non_null(d.reason);
	return d;
}

static void what_may_be_another_answer_later_is_told_from_what_may_not(void **state)
{
	static const int later[] = { 300, 302, 401, 403, 404, 405, 408, 425, 429, 500, 502, 503,
		599 };
	static const int never[] = { 400, 402, 406, 410, 413, 415, 422, 451 };

	(void)state;
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		assert_int_equal(refused_with(later[i], 0).result, DELIVERED_LATER);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_int_equal(refused_with(never[i], 0).result, DELIVERED_NEVER);
}

static void a_gateway_puts_a_message_off_for_a_day_at_most(void **state)
{
	(void)state;
	assert_int_equal(refused_with(429, 17).after_s, 17);
	assert_int_equal(refused_with(503, -5).after_s, 0);
	assert_int_equal(refused_with(503, INT64_MAX).after_s, 86400);
}

static void a_call_that_fails_ends_the_dialogue_for_now(void **state)
{
	struct dialogue d = { .arena = arena, .call = { .url = "https://a.example/" } };

	(void)state;
	dialogue_hear(&d, ERR_UNAVAILABLE, NULL, "no server");
	assert_null(d.call.url);
	assert_int_equal(d.result, DELIVERED_LATER);
	assert_string_equal(d.reason, "no server");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_be_another_answer_later_is_told_from_what_may_not),
		cmocka_unit_test(a_gateway_puts_a_message_off_for_a_day_at_most),
		cmocka_unit_test(a_call_that_fails_ends_the_dialogue_for_now),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
