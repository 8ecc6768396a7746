#include "base/arena.h"

#include "../unit.h"

static int order[3], called;

static void note(void *arg)
{
	order[called++] = *(int *)arg;
}

static void memory_is_zeroed_and_aligned(void **state)
{
	struct arena *a = arena_new(64);

	(void)state;
	for (size_t n = 1; n < 300; n += 7) {
		unsigned char *p = arena_alloc(a, n);

		assert_int_equal((uintptr_t)p % sizeof(void *), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
	arena_free(&a);
	assert_null(a);
}

static void deferred_calls_run_newest_first_once(void **state)
{
	struct arena *a = arena_new(64);
	int one = 1, two = 2, three = 3;

	(void)state;
	called = 0;
	arena_defer(a, note, &one);
	arena_defer(a, note, &two);
	arena_defer(a, note, &three);
	arena_reset(a);
	arena_reset(a);
	assert_int_equal(called, 3);
	assert_int_equal(order[0], 3);
	assert_int_equal(order[2], 1);
	arena_free(&a);
}

static void reset_wipes_what_was_handed_out(void **state)
{
	struct arena *a = arena_new(64);
	char *secret = arena_strdup(a, "secret");

	(void)state;
	arena_reset(a);
	/* The first block is kept, so the same bytes are ours again, and empty. */
	assert_ptr_equal(arena_alloc(a, 8), secret);
	assert_memory_equal(secret, "\0\0\0\0\0\0", 6);
	arena_free(&a);
}

static void printf_formats_whatever_length(void **state)
{
	struct arena *a = arena_new(16);
	char *s = arena_printf(a, "%0200d-%s", 7, "end");

	(void)state;
	assert_int_equal(strlen(s), 204);
	assert_string_equal(s + 199, "7-end");
	arena_free(&a);
}

/* Whether it fits into the rest of a block or not. */
static void memory_behind_a_text_is_zeroed_too(void **state)
{
	(void)state;
	for (int n = 1; n < 100; n++) {
		struct arena *a = arena_new(64);
		const char *first = arena_printf(a, "%0*d", n, 7);
		const char *second = arena_printf(a, "%0*d", n, 8);
		const unsigned char *p = arena_alloc(a, 64);

		assert_int_equal(strlen(first), n);
		assert_int_equal(strlen(second), n);
		for (size_t i = 0; i < 64; i++)
			assert_int_equal(p[i], 0);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(deferred_calls_run_newest_first_once),
		cmocka_unit_test(reset_wipes_what_was_handed_out),
		cmocka_unit_test(printf_formats_whatever_length),
		cmocka_unit_test(memory_behind_a_text_is_zeroed_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
