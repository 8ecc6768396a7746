#include "http/params.h"

#include "http/json_in.h"

#include "../unit.h"

static struct arena *arena;
static struct params params;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(4096);
	params_init(&params, arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void add_json(const char *text)
{
	struct json_object *o;
	struct json_fault fault;

	assert_int_equal(json_in_object(arena, str_from(text), &o, &fault), ERR_OK);
	assert_int_equal(params_add_json(&params, o), ERR_OK);
}

static struct str text_at(enum field_in in, const char *name)
{
	const struct param *p = params_get(&params, in, name);
	struct str s = STR("?");

	assert_non_null(p);
	assert_true(param_text(p, &s));
	return s;
}

static void a_query_is_split_and_decoded(void **state)
{
	(void)state;
	assert_int_equal(params_add_form(&params, FIELD_IN_QUERY,
				 STR("a=1&b=x+y%2Bz&&c&d=&e%3D=%c3%A9&f=p=q")),
		ERR_OK);
	assert_str_equal(text_at(FIELD_IN_QUERY, "a"), "1");
	assert_str_equal(text_at(FIELD_IN_QUERY, "b"), "x y+z");
	assert_str_equal(text_at(FIELD_IN_QUERY, "c"), "");
	assert_str_equal(text_at(FIELD_IN_QUERY, "d"), "");
	assert_str_equal(text_at(FIELD_IN_QUERY, "e="), "\xc3\xa9");
	assert_str_equal(text_at(FIELD_IN_QUERY, "f"), "p=q");
	assert_null(params_get(&params, FIELD_IN_QUERY, "g"));
}

static void the_body_wins_over_the_query(void **state)
{
	(void)state;
	add_json("{\"a\":\"body\"}");
	assert_int_equal(
		params_add_form(&params, FIELD_IN_QUERY, STR("a=query&only=query")), ERR_OK);
	assert_str_equal(text_at(FIELD_IN_BODY, "a"), "body");
	assert_str_equal(text_at(FIELD_IN_BODY, "only"), "query");
	assert_str_equal(text_at(FIELD_IN_QUERY, "a"), "query");
}

static void a_path_variable_is_not_replaced_by_the_query(void **state)
{
	(void)state;
	params_add_path(&params, STR("id"), STR("7"));
	assert_int_equal(params_add_form(&params, FIELD_IN_QUERY, STR("id=8")), ERR_OK);
	add_json("{\"id\":9}");
	assert_str_equal(text_at(FIELD_IN_PATH, "id"), "7");
}

static void the_last_of_repeated_names_wins(void **state)
{
	(void)state;
	assert_int_equal(params_add_form(&params, FIELD_IN_BODY, STR("a=1&a=2&b=3")), ERR_OK);
	assert_str_equal(text_at(FIELD_IN_BODY, "a"), "2");
}

static void broken_encoding_is_refused(void **state)
{
	const char *const broken[] = { "a=%", "a=%4", "a=%zz", "a=%00", "%ff=1", "a=%c3", "a=\xff",
		"a=%ed%a0%80", "a%=1" };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(params_add_form(&params, FIELD_IN_QUERY, str_from(broken[i])),
			ERR_BAD_REQUEST);
}

static void too_many_values_are_refused(void **state)
{
	char text[2 * PARAMS_MAX + 3];

	(void)state;
	for (size_t i = 0; i <= PARAMS_MAX; i++)
		memcpy(text + 2 * i, "a&", 2);
	assert_int_equal(
		params_add_form(&params, FIELD_IN_QUERY, (struct str){ text, 2 * PARAMS_MAX }),
		ERR_OK);
	assert_int_equal(params_add_form(&params, FIELD_IN_QUERY, STR("a")), ERR_BAD_REQUEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_query_is_split_and_decoded, setup, teardown),
		cmocka_unit_test_setup_teardown(the_body_wins_over_the_query, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_path_variable_is_not_replaced_by_the_query, setup, teardown),
		cmocka_unit_test_setup_teardown(the_last_of_repeated_names_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_encoding_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many_values_are_refused, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
