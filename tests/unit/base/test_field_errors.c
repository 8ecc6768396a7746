#include "base/field_errors.h"

#include "../unit.h"

static void all_errors_are_kept_in_order(void **state)
{
	static const char *const values[] = { "a", NULL };
	struct arena *a = arena_new(1024);
	struct field_errors e;

	(void)state;
	field_errors_init(&e, a);
	assert_null(e.first);
	field_errors_add_limit(&e, "x", &text_min_len, 6);
	field_errors_add(&e, "x", &text_lowercase);
	field_errors_add_values(&e, "y", &text_one_of, values);
	assert_int_equal(e.count, 3);
	assert_int_equal(e.first->n, 6);
	assert_ptr_equal(e.first->next->text, &text_lowercase);
	assert_string_equal(e.last->name, "y");
	assert_ptr_equal(e.last->values, values);
	assert_string_equal(e.first->name, "x");
	arena_free(&a);
}

static void the_same_text_for_the_same_field_is_kept_once(void **state)
{
	struct arena *a = arena_new(1024);
	struct field_errors e;

	(void)state;
	field_errors_init(&e, a);
	field_errors_add(&e, "x", &text_taken);
	field_errors_add(&e, "y", &text_taken);
	field_errors_add(&e, "x", &text_taken);
	assert_int_equal(e.count, 2);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_errors_are_kept_in_order),
		cmocka_unit_test(the_same_text_for_the_same_field_is_kept_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
