#include "base/str.h"

#include "../unit.h"

static void slices_compare_and_trim(void **state)
{
	(void)state;
	assert_true(str_is(str_trim(STR(" \t a b\r\n")), "a b"));
	assert_true(str_case_is(STR("BeArEr"), "bearer"));
	assert_false(str_case_is(STR("Bearer "), "bearer"));
	assert_true(str_starts(STR("sip:a"), "sip:"));
	assert_false(str_starts(STR("si"), "sip:"));
	assert_true(str_is(str_from(NULL), ""));
}

static void split_walks_to_the_end(void **state)
{
	struct str rest = STR("a,,b");

	(void)state;
	assert_str_equal(str_split(&rest, ','), "a");
	assert_str_equal(str_split(&rest, ','), "");
	assert_str_equal(str_split(&rest, ','), "b");
	assert_null(rest.p);
}

static void a_list_holds_its_whole_words(void **state)
{
	(void)state;
	assert_true(str_list_has("red,green", STR("red")));
	assert_true(str_list_has("red,green", STR("green")));
	assert_false(str_list_has("red,green", STR("gree")));
	assert_false(str_list_has("red,green", STR("")));
	assert_false(str_list_has("", STR("red")));
}

static void numbers_are_whole_and_bounded(void **state)
{
	uint64_t v = 0;

	(void)state;
	assert_true(str_to_uint(STR("18446744073709551615"), UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
	assert_false(str_to_uint(STR("18446744073709551616"), UINT64_MAX, &v));
	assert_true(str_to_uint(STR("0099"), 99, &v));
	assert_false(str_to_uint(STR("100"), 99, &v));
	assert_false(str_to_uint(STR(""), 99, &v));
	assert_false(str_to_uint(STR("-1"), 99, &v));
	assert_false(str_to_uint(STR("5"), 4, &v));
}

static void a_prefix_is_cut_off_once(void **state)
{
	struct str s = STR("sip:sip:bob");

	(void)state;
	assert_true(str_cut_prefix(&s, "sip:"));
	assert_str_equal(s, "sip:bob");
	assert_false(str_cut_prefix(&s, "sips:"));
	assert_str_equal(s, "sip:bob");
	assert_true(str_cut_prefix(&s, "sip:bob"));
	assert_int_equal(s.n, 0);
	assert_false(str_cut_prefix(&s, "x"));
}

static void a_value_is_one_of_a_list_as_a_whole(void **state)
{
	static const char *const values[] = { "red", "green", NULL };

	(void)state;
	assert_true(str_is_one_of(STR("green"), values));
	assert_false(str_is_one_of(STR("gree"), values));
	assert_false(str_is_one_of(STR("Red"), values));
	assert_false(str_is_one_of(STR(""), values));
}

static void all_characters_have_to_be_in_the_set(void **state)
{
	(void)state;
	assert_true(str_is_made_of(STR(""), "abc"));
	assert_true(str_is_made_of(STR("cab"), "abc"));
	assert_false(str_is_made_of(STR("cabd"), "abc"));
	assert_false(str_is_made_of(STR("a\0b"), "ab"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slices_compare_and_trim),
		cmocka_unit_test(split_walks_to_the_end),
		cmocka_unit_test(a_list_holds_its_whole_words),
		cmocka_unit_test(numbers_are_whole_and_bounded),
		cmocka_unit_test(a_prefix_is_cut_off_once),
		cmocka_unit_test(a_value_is_one_of_a_list_as_a_whole),
		cmocka_unit_test(all_characters_have_to_be_in_the_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
