#include "base/json_slice.h"

#include <stdlib.h>

#include "base/json_scan.h"

#include "../unit.h"

static void values_of_every_kind_are_valid(void **state)
{
	static const char *const good[] = { "null", "true", "false", "0", "-0", "12.5e-3", "1E+9",
		"\"\"", "\"a\\u00e9\\n\\\"\\/\"", "[]", "[ ]", "{}", "[1,[2],{\"a\":[]}]",
		"{\"a\" : 1 ,\n\"b\":{}}", "\"\\ud83d\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(json_slice_is_valid(str_from(good[i])));
}

static void anything_else_is_not(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "01", "-", "+1", ".5", "1.", "1e", "nul",
		"True", "\"", "\"a", "\"\t\"", "\"\\x\"", "\"\\u12g4\"", "\"\\", "'a'", "[", "[1",
		"[1,", "[1,]", "[,1]", "[1 2]", "{", "{a:1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
		"{1:2}", "[}", "{]", "1,2", "[]]", "NaN", "/**/1" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(json_slice_is_valid(str_from(bad[i])));
}

static void every_beginning_of_a_value_is_refused_and_read_within_its_bounds(void **state)
{
	static const char text[] = "{\"a\":[1.5e3,true,null,\"\\u00e9\\\\\"],\"b\":{\"c\":-0}}";

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, text, n);
		assert_false(json_slice_is_valid((struct str){ copy, n }));
		free(copy);
	}
	assert_true(json_slice_is_valid(STR("{\"a\":1}")));
}

static void nesting_is_bounded(void **state)
{
	char text[2 * (JSON_DEPTH_MAX + 1) + 1] = "";

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_true(json_slice_is_valid(str_from(text)));
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_false(json_slice_is_valid((struct str){ text, sizeof(text) - 1 }));
}

static void members_are_walked_in_order(void **state)
{
	struct str rest = STR("[ 1 , \"a,b\" ,[2,3]]"), key, value;

	(void)state;
	assert_true(json_slice_next(&rest, &key, &value));
	assert_str_equal(value, "1");
	assert_int_equal(key.n, 0);
	assert_true(json_slice_next(&rest, &key, &value));
	assert_str_equal(value, "\"a,b\"");
	assert_true(json_slice_next(&rest, NULL, &value));
	assert_str_equal(value, "[2,3]");
	assert_false(json_slice_next(&rest, NULL, &value));
	rest = STR("{}");
	assert_false(json_slice_next(&rest, &key, &value));
	rest = STR("[ ]");
	assert_false(json_slice_next(&rest, &key, &value));
}

static void the_last_of_a_repeated_member_counts(void **state)
{
	struct str value;

	(void)state;
	assert_true(json_slice_member(STR("{\"a\":1,\"b\":2,\"\\u0061\":3}"), "a", &value));
	assert_str_equal(value, "3");
	assert_false(json_slice_member(STR("{\"a\":1}"), "b", &value));
	assert_false(json_slice_member(STR("[\"a\"]"), "a", &value));
}

static void text_is_unescaped(void **state)
{
	char out[16];
	size_t n = 0;

	(void)state;
	assert_true(json_slice_text(STR("\"a\\n\\u00e9\\ud83d\\ude00\""), out, sizeof(out), &n));
	assert_string_equal(out, "a\n\xc3\xa9\xf0\x9f\x98\x80");
	assert_int_equal(n, 8);
	assert_false(json_slice_text(STR("\"\\u0000\""), out, sizeof(out), &n));
	assert_false(json_slice_text(STR("\"\\ud83d\""), out, sizeof(out), &n));
	assert_false(json_slice_text(STR("\"\\ude00\""), out, sizeof(out), &n));
	assert_false(json_slice_text(STR("\"\\ud83dx\""), out, sizeof(out), &n));
	assert_false(json_slice_text(STR("\"0123456789abcdef\""), out, sizeof(out), &n));
	assert_true(json_slice_text(STR("\"0123456789abcde\""), out, sizeof(out), &n));
	assert_false(json_slice_text(STR("12"), out, sizeof(out), &n));
}

static void whole_numbers_are_read_within_bounds(void **state)
{
	uint64_t v = 0;

	(void)state;
	assert_true(json_slice_uint(STR("42"), 100, &v));
	assert_int_equal(v, 42);
	assert_false(json_slice_uint(STR("101"), 100, &v));
	assert_false(json_slice_uint(STR("-1"), 100, &v));
	assert_false(json_slice_uint(STR("1.5"), 100, &v));
	assert_false(json_slice_uint(STR("\"1\""), 100, &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_every_kind_are_valid),
		cmocka_unit_test(anything_else_is_not),
		cmocka_unit_test(every_beginning_of_a_value_is_refused_and_read_within_its_bounds),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(members_are_walked_in_order),
		cmocka_unit_test(the_last_of_a_repeated_member_counts),
		cmocka_unit_test(text_is_unescaped),
		cmocka_unit_test(whole_numbers_are_read_within_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
