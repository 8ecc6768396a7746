#include "base/pace.h"

#include "../unit.h"

static const struct pace_limit thirty_a_second = { 1000000 / 30, 60 };

static int taken(struct pace *r, int tries, int64_t now_ms)
{
	int n = 0;

	for (int i = 0; i < tries; i++)
		n += pace_take(r, &thirty_a_second, now_ms);
	return n;
}

static void after_a_rest_the_whole_burst_is_let_through(void **state)
{
	struct pace r = { 0 };

	(void)state;
	assert_int_equal(taken(&r, 100, 5000), 60);
	assert_int_equal(taken(&r, 100, 5000 + 60 * 1000), 60);
}

static void after_the_burst_the_steady_rate_is_let_through(void **state)
{
	struct pace r = { 0 };

	(void)state;
	taken(&r, 100, 5000);
	assert_int_equal(taken(&r, 100, 6000), 30);
	assert_int_equal(taken(&r, 100, 6500), 15);
}

static void refused_ones_do_not_prolong_the_wait(void **state)
{
	struct pace r = { 0 };

	(void)state;
	taken(&r, 10000, 5000);
	assert_int_equal(taken(&r, 1, 5034), 1);
}

static const struct pace_limit twenty_a_second = { 50000, 100 };

static void who_is_charged_beyond_the_burst_learns_how_early_it_came(void **state)
{
	struct pace r = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(pace_charge(&r, &twenty_a_second, 5000), 0);
	assert_int_equal(pace_charge(&r, &twenty_a_second, 5000), 50);
	assert_int_equal(pace_charge(&r, &twenty_a_second, 5000), 100);
}

static void the_steady_rate_is_charged_for_ever_without_being_early(void **state)
{
	struct pace r = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		pace_charge(&r, &twenty_a_second, 0);
	for (int64_t now = 50; now < 100000; now += 50)
		assert_int_equal(pace_charge(&r, &twenty_a_second, now), 0);
	assert_int_equal(pace_charge(&r, &twenty_a_second, 99950), 50);
}

static void rest_earns_the_burst_again_and_no_more(void **state)
{
	struct pace r = { 0 };
	int passed = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		pace_charge(&r, &twenty_a_second, 0);
	assert_false(pace_has_rested(&r, 4999));
	assert_true(pace_has_rested(&r, 5000));
	while (pace_charge(&r, &twenty_a_second, 3600000) == 0)
		passed++;
	assert_int_equal(passed, 100);
}

static void a_refused_one_learns_how_long_to_wait(void **state)
{
	struct pace r = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(pace_take_or_wait(&r, &twenty_a_second, 1000), 0);
	assert_int_equal(pace_take_or_wait(&r, &twenty_a_second, 1000), 50000);
	assert_int_equal(pace_take_or_wait(&r, &twenty_a_second, 1020), 30000);
	assert_int_equal(pace_take_or_wait(&r, &twenty_a_second, 1050), 0);
}

static void no_limit_is_none(void **state)
{
	const struct pace_limit none = { 0, 1 };
	struct pace charged = { 0 }, taken = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(pace_charge(&charged, &none, 0), 0);
		assert_true(pace_take(&taken, &none, 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_a_rest_the_whole_burst_is_let_through),
		cmocka_unit_test(after_the_burst_the_steady_rate_is_let_through),
		cmocka_unit_test(refused_ones_do_not_prolong_the_wait),
		cmocka_unit_test(who_is_charged_beyond_the_burst_learns_how_early_it_came),
		cmocka_unit_test(the_steady_rate_is_charged_for_ever_without_being_early),
		cmocka_unit_test(rest_earns_the_burst_again_and_no_more),
		cmocka_unit_test(a_refused_one_learns_how_long_to_wait),
		cmocka_unit_test(no_limit_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
