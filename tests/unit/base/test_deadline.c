#include "base/deadline.h"

#include "../unit.h"

static struct deadline *fired[8];
static int fired_count;
static struct deadline_queue queue;

static void on_due(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	fired[fired_count++] = d;
}

static void on_due_again(struct deadline *d, int64_t now_ms)
{
	fired[fired_count++] = d;
	deadline_set(d, &queue, now_ms);
}

static int setup(void **state)
{
	(void)state;
	fired_count = 0;
	deadline_queue_init(&queue, on_due);
	return 0;
}

static void they_fire_in_order_of_time_and_only_when_due(void **state)
{
	struct deadline a, b, c;

	(void)state;
	deadline_init(&a);
	deadline_init(&b);
	deadline_init(&c);
	assert_int_equal(deadline_queue_next(&queue), DEADLINE_NEVER);
	deadline_set(&a, &queue, 30);
	deadline_set(&b, &queue, 10);
	deadline_set(&c, &queue, 20);
	assert_int_equal(deadline_queue_next(&queue), 10);
	deadline_queue_run(&queue, 20);
	assert_int_equal(fired_count, 2);
	assert_ptr_equal(fired[0], &b);
	assert_ptr_equal(fired[1], &c);
	assert_true(deadline_is_set(&a));
	assert_false(deadline_is_set(&b));
}

static void a_cleared_one_never_fires_and_a_moved_one_fires_once(void **state)
{
	struct deadline a, b;

	(void)state;
	deadline_init(&a);
	deadline_init(&b);
	deadline_set(&a, &queue, 10);
	deadline_set(&b, &queue, 10);
	deadline_clear(&a);
	deadline_clear(&a);
	deadline_set(&b, &queue, 15);
	deadline_queue_run(&queue, 12);
	assert_int_equal(fired_count, 0);
	deadline_queue_run(&queue, 15);
	assert_int_equal(fired_count, 1);
	deadline_queue_run(&queue, 100);
	assert_int_equal(fired_count, 1);
}

static void one_that_sets_itself_due_again_waits_for_the_next_run(void **state)
{
	struct deadline a;

	(void)state;
	deadline_queue_init(&queue, on_due_again);
	deadline_init(&a);
	deadline_set(&a, &queue, 10);
	deadline_queue_run(&queue, 10);
	assert_int_equal(fired_count, 1);
	assert_int_equal(deadline_queue_next(&queue), 10);
	deadline_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(they_fire_in_order_of_time_and_only_when_due, setup),
		cmocka_unit_test_setup(a_cleared_one_never_fires_and_a_moved_one_fires_once, setup),
		cmocka_unit_test_setup(
			one_that_sets_itself_due_again_waits_for_the_next_run, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
