#include "../../../../src/resources/profiles/macros.h"

#include "../../arena.h"

static void permissions_in_arrays_are_put_by_name(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "{}", "{}" },
		{ "{ \"settings\": { \"value\": true, \"permissions\": [ { \"id\": \"2\","
		  " \"name\": \"dnd\", \"value\": true }, { \"name\": \"x\", \"value\": false } ] "
		  "} }",
			"{\"settings\":{\"value\":true,\"permissions\":{\"dnd\":{ \"id\": \"2\","
			" \"name\": \"dnd\", \"value\": true },\"x\":{ \"name\": \"x\", \"value\": "
			"false }}}}" },
		{ "{\"a\":{\"value\":true,\"permissions\":{\"p\":{\"value\":true}}}}",
			"{\"a\":{\"value\":true,\"permissions\":{\"p\":{\"value\":true}}}}" },
		{ "{\"a\":{\"permissions\":[],\"value\":false},\"b\":{\"value\":true}}",
			"{\"a\":{\"permissions\":{},\"value\":false},\"b\":{\"value\":true}}" },
		{ "{\"a\":{\"permissions\":[{\"name\":\"p\",\"value\":true},{\"name\":\"q\"},"
		  "{\"name\":\"p\",\"value\":false}]}}",
			"{\"a\":{\"permissions\":{\"q\":{\"name\":\"q\"},"
			"\"p\":{\"name\":\"p\",\"value\":false}}}}" },
		/* Other forms are for macros_are_valid(). */
		{ "{\"a\":{\"permissions\":[{\"value\":true}]}}",
			"{\"a\":{\"permissions\":[{\"value\":true}]}}" },
		{ "{\"a\":{\"permissions\":[3]},\"b\":true}",
			"{\"a\":{\"permissions\":[3]},\"b\":true}" },
		{ "[]", "[]" },
		{ "\"all\"", "\"all\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(macros_keyed(rows[i].from, arena), rows[i].to);
}

#define NAME_64 "a234567890123456789012345678901234567890123456789012345678901234"

static void documents_of_the_form_are_valid_and_others_are_not(void **state)
{
	static const char *const good[] = { "{}", "{\"a\":{\"value\":false}}",
		"{\"A-b_9\":{\"value\":true,\"id\":1,\"permissions\":{}}}",
		"{\"a\":{\"value\":true,\"permissions\":{\"p\":{\"value\":true},\"q\":{\"value\":"
		"false}}}}",
		"{\"" NAME_64 "\":{\"value\":true}}" };
	static const char *const bad[] = { "[]", "\"all\"", "null", "1", "{\"a\":true}",
		"{\"a\":{}}", "{\"a\":{\"value\":\"yes\"}}", "{\"a\":{\"value\":null}}",
		"{\"two words\":{\"value\":true}}", "{\"\":{\"value\":true}}",
		"{\"" NAME_64 "5\":{\"value\":true}}", "{\"\u00e9\":{\"value\":true}}",
		"{\"a\":{\"value\":true,\"permissions\":null}}",
		"{\"a\":{\"value\":true,\"permissions\":[]}}",
		"{\"a\":{\"value\":true,\"permissions\":{\"p\":true}}}",
		"{\"a\":{\"value\":true,\"permissions\":{\"p\":{\"value\":1}}}}",
		"{\"a\":{\"value\":true,\"permissions\":{\"p.q\":{\"value\":true}}}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!macros_are_valid(good[i]))
			fail_msg("not valid: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (macros_are_valid(bad[i]))
			fail_msg("valid: %s", bad[i]);
}

static const char *granted(const char *json)
{
	struct capability_list list = macros_capabilities(json, arena);
	const char *text = "";

	for (size_t i = 0; i < list.n; i++)
		text = arena_printf(arena, "%s%s ", text, list.names[i]);
	return text;
}

static void what_is_on_is_granted_in_order(void **state)
{
	(void)state;
	assert_string_equal(granted("{}"), "");
	assert_string_equal(
		granted("{\"s\":{\"value\":true,\"permissions\":{\"z\":{\"value\":true},"
			"\"b\":{\"value\":false},\"a\":{\"value\":true}}},"
			"\"c\":{\"value\":true}}"),
		"c s s.a s.z ");
	assert_string_equal(
		granted("{\"s\":{\"value\":false,\"permissions\":{\"z\":{\"value\":true}}}}"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(permissions_in_arrays_are_put_by_name),
		cmocka_unit_test(documents_of_the_form_are_valid_and_others_are_not),
		cmocka_unit_test(what_is_on_is_granted_in_order),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
