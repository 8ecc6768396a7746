#include "identity/rate.h"

#include <stdio.h>

#include "../unit.h"
#include "base/clock.h"
#include "service/limit.h"

#define BURST 10

static struct limit_counts *counts;

static enum err away(
	void *ctx, const char *subject, const struct rate_limit *limit, struct rate_grant *ret)
{
	(void)ctx, (void)subject, (void)limit, (void)ret;
	return ERR_UNAVAILABLE;
}

/* A shared bucket that always has so many, and counts the questions. */
struct shared {
	int64_t gives;
	int questions;
	int begun, finished;
};

static enum err give(
	void *ctx, const char *subject, const struct rate_limit *limit, struct rate_grant *ret)
{
	struct shared *s = ctx;

	(void)subject, (void)limit;
	s->questions++;
	*ret = s->gives ? (struct rate_grant){ .count = s->gives, .left = 3 }
			: (struct rate_grant){ .wait_us = 1500000 };
	return ERR_OK;
}

static enum err begin(void *ctx, const char *subject, const struct rate_limit *limit)
{
	struct shared *s = ctx;

	(void)subject, (void)limit;
	s->begun++;
	return ERR_OK;
}

static enum err finish(void *ctx, struct rate_grant *ret)
{
	struct shared *s = ctx;

	s->finished++;
	*ret = (struct rate_grant){ .count = s->gives, .left = 3 };
	return ERR_OK;
}

static struct service service_with(int64_t rate, struct arena *arena)
{
	const struct rate_limit limit = { .setting = "a_setting",
		.each_us = rate ? CLOCK_SECOND_US / rate : 0,
		.burst = BURST,
		.take = away };

	return (struct service){ .rates = { limit, limit, limit, limit, limit },
		.rate_table = rate_table_new(),
		.limits = limits_new(counts = limit_counts_new()),
		.arena = arena,
		.client = { .ip = "2001:db8::1" } };
}

static void close_service(struct service *s)
{
	rate_table_free(&s->rate_table);
	limits_free(&s->limits);
	arena_free(&s->arena);
}

static void what_was_taken_in_advance_is_used_without_asking(void **state)
{
	struct service s = service_with(1, arena_new(1024));
	struct shared shared = { .gives = 4 };

	(void)state;
	s.rates[RATE_SESSION].take = give;
	s.rates[RATE_SESSION].ctx = &shared;
	for (int i = 0; i < 12; i++)
		assert_int_equal(rate_take_session(&s, "a-session"), ERR_OK);
	assert_int_equal(shared.questions, 3);
	assert_int_equal(rate_take_session(&s, "another-session"), ERR_OK);
	assert_int_equal(shared.questions, 4);
	close_service(&s);
}

static void what_was_asked_for_ahead_is_not_asked_for_again(void **state)
{
	struct service s = service_with(1, arena_new(1024));
	struct shared shared = { .gives = 2 };

	(void)state;
	s.rates[RATE_SESSION].take = give;
	s.rates[RATE_SESSION].ask = begin;
	s.rates[RATE_SESSION].answer = finish;
	s.rates[RATE_SESSION].ctx = &shared;
	rate_ask_session(&s, "a-session");
	assert_int_equal(rate_take_session(&s, "a-session"), ERR_OK);
	rate_ask_session(&s, "a-session"); /* it still has one in advance */
	assert_int_equal(rate_take_session(&s, "a-session"), ERR_OK);
	assert_int_equal(shared.begun, 1);
	assert_int_equal(shared.finished, 1);
	rate_ask_session(&s, "a-revoked-session");
	assert_int_equal(rate_take_session(&s, "another-session"), ERR_OK);
	assert_int_equal(shared.finished, 1);
	assert_int_equal(shared.questions, 1);
	close_service(&s);
}

/* The bucket may have something again, whatever this process remembers. */
static void an_empty_bucket_is_asked_each_time(void **state)
{
	struct service s = service_with(1, arena_new(1024));
	struct shared shared = { .gives = 0 };

	(void)state;
	s.rates[RATE_SESSION].take = give;
	s.rates[RATE_SESSION].ctx = &shared;
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(rate_take_session(&s, "a-session"), ERR_TOO_MANY);
		assert_int_equal(s.retry_after_s, 2);
		assert_int_equal(shared.questions, i);
	}
	shared.gives = 1;
	assert_int_equal(rate_take_session(&s, "a-session"), ERR_OK);
	close_service(&s);
}

/* One a second: the test is over before a second drop falls. */
static void without_redis_a_bucket_holds_its_burst(void **state)
{
	struct service s = service_with(1, arena_new(1024));

	(void)state;
	for (int i = 0; i < BURST; i++)
		assert_int_equal(rate_take_session(&s, "a-session"), ERR_OK);
	assert_int_equal(rate_take_session(&s, "a-session"), ERR_TOO_MANY);
	assert_int_equal(s.retry_after_s, 1);
	assert_int_equal(rate_take_session(&s, "another-session"), ERR_OK);
	close_service(&s);
}

static void row_5_27_addresses_of_one_network_share_a_bucket(void **state)
{
	struct service s = service_with(1, arena_new(1024));

	(void)state;
	for (int i = 0; i < BURST; i++) {
		s.client.ip = i % 2 ? "2001:db8::1" : "2001:db8::2:3";
		assert_int_equal(rate_take_network(&s), ERR_OK);
	}
	assert_int_equal(rate_take_network(&s), ERR_TOO_MANY);
	s.client.ip = "2001:db8:0:1::1";
	assert_int_equal(rate_take_network(&s), ERR_OK);
	close_service(&s);
}

static void ten_refusals_are_ten_in_the_count_of_their_kind(void **state)
{
	struct service s = service_with(1, arena_new(1024));

	(void)state;
	for (int i = 0; i < BURST; i++) {
		assert_int_equal(rate_take_account(&s, 7), ERR_OK);
		assert_int_equal(rate_take_network(&s), ERR_OK);
	}
	for (int i = 0; i < 10; i++)
		assert_int_equal(rate_take_account(&s, 7), ERR_TOO_MANY);
	assert_int_equal(rate_take_account(&s, 8), ERR_OK);
	assert_int_equal(limit_count(counts, LIMIT_ACCOUNT_REQUESTS), 10);
	assert_int_equal(limit_count(counts, LIMIT_STRANGERS), 0);
	assert_int_equal(limit_count(counts, LIMIT_REQUESTS), 0);
	close_service(&s);
}

static void what_is_left_of_an_account_is_known(void **state)
{
	struct service s = service_with(1, arena_new(1024));
	struct shared shared = { .gives = 2 };

	(void)state;
	for (int left = BURST - 1; left >= 0; left--) {
		assert_int_equal(rate_take_account(&s, 7), ERR_OK);
		assert_int_equal(s.rate_a_minute, 60);
		assert_int_equal(s.rate_left, left);
	}
	s.rates[RATE_ACCOUNT].take = give;
	s.rates[RATE_ACCOUNT].ctx = &shared;
	assert_int_equal(rate_take_account(&s, 7), ERR_OK);
	assert_int_equal(s.rate_left, 4); /* one in hand, and what is in the shared bucket */
	assert_int_equal(rate_take_account(&s, 7), ERR_OK);
	assert_int_equal(s.rate_left, 3);
	shared.gives = 0;
	assert_int_equal(rate_take_account(&s, 7), ERR_TOO_MANY);
	assert_int_equal(s.rate_left, 0);
	s.rate_a_minute = 0;
	assert_int_equal(rate_take_session(&s, "a-session"), ERR_OK);
	assert_int_equal(s.rate_a_minute, 0);
	close_service(&s);
}

static void tokens_are_limited_by_the_minute_and_by_the_day(void **state)
{
	struct service s = service_with(1, arena_new(1024));

	(void)state;
	s.rates[RATE_TOKENS_DAY].burst = BURST / 2;
	for (int i = 0; i < BURST / 2; i++)
		assert_int_equal(rate_take_token(&s), ERR_OK);
	assert_int_equal(rate_take_token(&s), ERR_TOO_MANY);
	assert_int_equal(limit_count(counts, LIMIT_TOKENS_DAY), 1);
	for (int i = BURST / 2 + 1; i < BURST + 1; i++)
		assert_int_equal(rate_take_token(&s), ERR_TOO_MANY);
	assert_int_equal(limit_count(counts, LIMIT_TOKENS_MINUTE), 1);
	assert_int_equal(rate_take_network(&s), ERR_OK);
	close_service(&s);
}

static void rate_0_is_no_limit(void **state)
{
	struct service s = service_with(0, arena_new(1024));

	(void)state;
	for (int i = 0; i < 10 * BURST; i++)
		assert_int_equal(rate_take_session(&s, "a-session"), ERR_OK);
	close_service(&s);
}

static void many_subjects_take_no_more_memory_and_do_not_refuse_each_other(void **state)
{
	struct service s = service_with(1, arena_new(1024));
	char name[32];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "session-%d", i);
		assert_int_equal(rate_take_session(&s, name), ERR_OK);
		arena_reset(s.arena);
	}
	close_service(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_taken_in_advance_is_used_without_asking),
		cmocka_unit_test(what_was_asked_for_ahead_is_not_asked_for_again),
		cmocka_unit_test(an_empty_bucket_is_asked_each_time),
		cmocka_unit_test(without_redis_a_bucket_holds_its_burst),
		cmocka_unit_test(row_5_27_addresses_of_one_network_share_a_bucket),
		cmocka_unit_test(ten_refusals_are_ten_in_the_count_of_their_kind),
		cmocka_unit_test(what_is_left_of_an_account_is_known),
		cmocka_unit_test(tokens_are_limited_by_the_minute_and_by_the_day),
		cmocka_unit_test(rate_0_is_no_limit),
		cmocka_unit_test(many_subjects_take_no_more_memory_and_do_not_refuse_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
