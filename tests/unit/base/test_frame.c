#include "base/frame.h"

#include "../unit.h"

static void body_and_head_lie_next_to_each_other(void **state)
{
	struct frame *f = frame_from(STR("4"), STR("2[\"a\"]"));

	(void)state;
	assert_str_equal(frame_text(f), "42[\"a\"]");
	assert_str_equal(frame_wire(f), "42[\"a\"]");
	frame_put_head(f, "\x81\x07", 2);
	assert_str_equal(frame_text(f), "42[\"a\"]");
	assert_str_equal(frame_wire(f), "\x81\x07"
					"42[\"a\"]");
	frame_unref(&f);
	assert_null(f);
}

static void it_lives_until_the_last_reference_is_dropped(void **state)
{
	struct frame *f = frame_from(STR("x"), STR("")), *g = frame_ref(f);

	(void)state;
	frame_unref(&f);
	assert_str_equal(frame_text(g), "x");
	frame_unref(&g);
	frame_unref(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(body_and_head_lie_next_to_each_other),
		cmocka_unit_test(it_lives_until_the_last_reference_is_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
