#include "http/json_in.h"

#include <json-c/json.h>

#include "../arena.h"

static void an_object_is_read_with_its_last_duplicate(void **state)
{
	struct json_object *o = NULL;
	struct json_fault fault;

	(void)state;
	assert_int_equal(
		json_in_object(arena, STR(" {\"a\":1,\"a\":\"x\"}\n"), &o, &fault), ERR_OK);
	assert_string_equal(
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN), "{\"a\":\"x\"}");
}

/* json-c 0.18 takes them for control characters in its strict mode. */
static void letters_outside_ascii_are_read(void **state)
{
	struct json_object *o = NULL;
	struct json_fault fault;

	(void)state;
	assert_int_equal(json_in_object(arena, STR("{\"p\xc3\xa4\":\"\xc2\xba \xf0\x9f\x93\x9e\"}"),
				 &o, &fault),
		ERR_OK);
	assert_string_equal(json_object_get_string(json_object_object_get(o, "p\xc3\xa4")),
		"\xc2\xba \xf0\x9f\x93\x9e");
}

static void anything_but_an_object_is_refused(void **state)
{
	const char *const texts[] = { "[]", "1", "\"a\"", "null", " [ {} ]" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct json_object *o;
		struct json_fault fault;

		assert_int_equal(
			json_in_object(arena, str_from(texts[i]), &o, &fault), ERR_BAD_JSON);
		assert_string_equal(fault.reason, "an object is expected");
	}
}

static void the_deepest_allowed_text_is_read(void **state)
{
	char text[6 * JSON_DEPTH_MAX + 8] = "";
	struct json_object *o;
	struct json_fault fault;

	(void)state;
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		strcat(text, "{\"a\":");
	strcat(text, "1");
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		strcat(text, "}");
	assert_int_equal(json_in_object(arena, str_from(text), &o, &fault), ERR_OK);
}

static void a_broken_text_says_why(void **state)
{
	struct json_object *o;
	struct json_fault fault;

	(void)state;
	assert_int_equal(json_in_object(arena, STR("{\"a\":1,}"), &o, &fault), ERR_BAD_JSON);
	assert_string_equal(fault.reason, "trailing comma");
	assert_int_equal(fault.at, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_object_is_read_with_its_last_duplicate, setup, teardown),
		cmocka_unit_test_setup_teardown(letters_outside_ascii_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(anything_but_an_object_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(the_deepest_allowed_text_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_text_says_why, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
