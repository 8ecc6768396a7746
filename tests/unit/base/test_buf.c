#include "base/buf.h"

#include "../unit.h"

static void bytes_are_kept_and_terminated(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_str_equal(buf_str(&b), "");
	buf_add_str(&b, "ab");
	buf_add(&b, "c\0d", 3);
	buf_printf(&b, "%d", 42);
	assert_int_equal(b.n, 7);
	assert_memory_equal(b.p, "abc\0d42", 8);
	buf_consume(&b, 4);
	assert_str_equal(buf_str(&b), "d42");
	buf_finish(&b);
}

static void ceiling_is_exact_and_overflow_sticks(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 300);
	for (int i = 0; i < 300; i++)
		buf_add_char(&b, 'x');
	assert_false(b.overflow);
	buf_add_char(&b, 'y');
	assert_true(b.overflow);
	assert_int_equal(b.n, 300);
	buf_consume(&b, 100);
	buf_add_char(&b, 'y');
	assert_int_equal(b.n, 200);
	buf_clear(&b);
	buf_add_char(&b, 'y');
	assert_str_equal(buf_str(&b), "y");
	assert_null(buf_reserve(&b, 300));
	buf_finish(&b);
}

static void numbers_are_decimal(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_add_int(&b, 0);
	buf_add_char(&b, ' ');
	buf_add_int(&b, -1203);
	buf_add_char(&b, ' ');
	buf_add_int(&b, INT64_MIN);
	assert_str_equal(buf_str(&b), "0 -1203 -9223372036854775808");
	buf_finish(&b);
}

static void wiping_gives_back_what_one_large_text_took(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_add_str(&b, "secret");
	const char *kept = b.p;

	buf_wipe(&b);
	assert_ptr_equal(b.p, kept);
	assert_memory_equal(kept, "\0\0\0\0\0\0", 6);
	for (int i = 0; i < 100000; i++)
		buf_add_char(&b, 'x');
	buf_wipe(&b);
	assert_int_equal(b.cap, 0);
	buf_add_str(&b, "again");
	assert_str_equal(buf_str(&b), "again");
	buf_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_kept_and_terminated),
		cmocka_unit_test(numbers_are_decimal),
		cmocka_unit_test(wiping_gives_back_what_one_large_text_took),
		cmocka_unit_test(ceiling_is_exact_and_overflow_sticks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
