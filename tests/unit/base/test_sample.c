#include "base/sample.h"

#include "../unit.h"

static void one_a_second_is_told_with_the_number_of_the_others(void **state)
{
	struct sample s = { 0 };
	uint64_t left_out = 9;

	(void)state;
	assert_true(sample_take(&s, 5000, &left_out));
	assert_int_equal(left_out, 0);
	for (int i = 0; i < 9; i++)
		assert_false(sample_take(&s, 5000 + i * 100, &left_out));
	assert_true(sample_take(&s, 6000, &left_out));
	assert_int_equal(left_out, 9);
}

static void silence_may_be_longer_and_stays_so(void **state)
{
	struct sample s = { .silence_ms = 10000 };

	(void)state;
	for (int64_t now = 5000; now <= 25000; now += 10000) {
		assert_true(sample_take(&s, now, NULL));
		assert_false(sample_take(&s, now + 9999, NULL));
	}
}

static void the_rest_of_a_flood_is_told_once(void **state)
{
	struct sample s = { 0 };
	uint64_t left_out = 0;

	(void)state;
	assert_false(sample_flush(&s, 5000, &left_out));
	assert_true(sample_take(&s, 5000, &left_out));
	assert_false(sample_take(&s, 5001, &left_out));
	assert_false(sample_flush(&s, 5999, &left_out));
	assert_true(sample_flush(&s, 6000, &left_out));
	assert_int_equal(left_out, 1);
	assert_false(sample_flush(&s, 9000, &left_out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_a_second_is_told_with_the_number_of_the_others),
		cmocka_unit_test(silence_may_be_longer_and_stays_so),
		cmocka_unit_test(the_rest_of_a_flood_is_told_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
