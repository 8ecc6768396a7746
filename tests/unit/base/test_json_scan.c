#include "base/json_scan.h"

#include <stdlib.h>

#include "../unit.h"

static const struct json_limits limits = {
	.values = 2000, .name_bytes = 4096, .string_bytes = 1u << 20
};

static const char *reason_of(struct str text)
{
	struct json_fault fault = { 0, "" };

	return json_scan(text, &limits, &fault) == ERR_OK ? NULL : fault.reason;
}

static void assert_refused(const char *text, const char *reason)
{
	const char *got = reason_of(str_from(text));

	if (!got)
		fail_msg("accepted: %s", text);
	assert_string_equal(got, reason);
}

static void assert_accepted(const char *text)
{
	const char *got = reason_of(str_from(text));

	if (got)
		fail_msg("%s: %s", got, text);
}

static void every_kind_of_value_is_accepted(void **state)
{
	(void)state;
	assert_accepted("{}");
	assert_accepted(" \t\r\n[ ] \n");
	assert_accepted("\"text\"");
	assert_accepted("-0");
	assert_accepted("[0,-1,1.5,1e5,-2E-3,1.25e+10,9223372036854775807,-9223372036854775808]");
	assert_accepted("[true , false,null]");
	assert_accepted("{\"a\":{\"b\":[1,{\"c\":\"\"}]},\"d\":null}");
	assert_accepted("\"\\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u00e9 \\uD83D\\uDE00 \xc3\xa9 \x7f\"");
	assert_accepted("\"\\u0000\"");
}

static void duplicate_members_are_allowed(void **state)
{
	(void)state;
	assert_accepted("{\"a\":1,\"a\":2}");
}

static void what_json_c_lets_pass_is_refused(void **state)
{
	(void)state;
	assert_refused("{'a':1}", "unexpected character");
	assert_refused("['a']", "unexpected character");
	assert_refused("NaN", "unexpected character");
	assert_refused("[-Infinity]", "invalid number");
	assert_refused("[Infinity]", "unexpected character");
	assert_refused("[1.]", "invalid number");
	assert_refused("1e400", "number out of range");
	assert_refused("[99999999999999999999]", "number out of range");
	assert_refused("9223372036854775808", "number out of range");
	assert_refused("-9223372036854775809", "number out of range");
	assert_refused("\"\xc0\xaf\"", "invalid UTF-8");
	assert_refused("\"\xed\xa0\x80\"", "invalid UTF-8");
	assert_refused("\"a\nb\"", "control character in a string");
	assert_refused("\"\x1f\"", "control character in a string");
	assert_refused("{\"a\\u0000b\":1}", "NUL in a name");
}

static void broken_grammar_is_refused(void **state)
{
	(void)state;
	assert_refused("", "unexpected end");
	assert_refused("  ", "unexpected end");
	assert_refused("[1,]", "trailing comma");
	assert_refused("{\"a\":1,}", "trailing comma");
	assert_refused("[,1]", "unexpected character");
	assert_refused("[1 2]", "unexpected character");
	assert_refused("{\"a\" 1}", "unexpected character");
	assert_refused("{1:2}", "unexpected character");
	assert_refused("[1}", "unexpected character");
	assert_refused("]", "unexpected character");
	assert_refused("/* a */ 1", "unexpected character");
	assert_refused("01", "invalid number");
	assert_refused("+1", "unexpected character");
	assert_refused("-", "unexpected end");
	assert_refused("1e+", "unexpected end");
	assert_refused(".5", "unexpected character");
	assert_refused("TRUE", "unexpected character");
	assert_refused("nul", "unexpected end");
	assert_refused("{} {}", "something follows the value");
	assert_refused("1,", "something follows the value");
	assert_refused("\"\\x\"", "invalid escape");
	assert_refused("\"\\u12g4\"", "invalid escape");
	assert_refused("\"\xff\"", "invalid UTF-8");
	assert_refused("\"\xc3\\n\"", "invalid UTF-8");
	assert_refused("\"\xc3\"", "invalid UTF-8");
	assert_refused("\xef\xbb\xbf{}", "unexpected character");
	assert_string_equal(reason_of((struct str){ "[1\0]", 4 }), "unexpected character");
	assert_string_equal(
		reason_of((struct str){ "\"a\0\"", 4 }), "control character in a string");
}

static void lone_surrogates_are_refused(void **state)
{
	(void)state;
	assert_refused("\"\\ud800\"", "lone surrogate");
	assert_refused("\"\\udc00\"", "lone surrogate");
	assert_refused("\"\\ud800\\ud800\"", "lone surrogate");
	assert_refused("\"\\ud800x\"", "lone surrogate");
	assert_refused("\"\\ud800\\n\"", "lone surrogate");
	assert_refused("\"\\ud800\\u", "unexpected end");
}

static void the_fault_says_where(void **state)
{
	struct json_fault fault;

	(void)state;
	assert_int_equal(json_scan(STR("{\"a\": tru }"), &limits, &fault), ERR_BAD_JSON);
	assert_int_equal(fault.at, 9);
	assert_int_equal(json_scan(STR("[1,2,]"), &limits, &fault), ERR_BAD_JSON);
	assert_int_equal(fault.at, 5);
}

/* n times `open`, a middle, n times `close`. */
static const char *nested_reason(size_t n)
{
	char text[256] = "";

	memset(text, '[', n);
	memset(text + n, ']', n);
	return reason_of((struct str){ text, 2 * n });
}

static void depth_has_a_limit(void **state)
{
	(void)state;
	assert_null(nested_reason(JSON_DEPTH_MAX));
	assert_string_equal(nested_reason(JSON_DEPTH_MAX + 1), "too deep");
}

static const char *list_reason(size_t items)
{
	char *text = calloc(2 * items + 2, 1);

	text[0] = '[';
	for (size_t i = 0; i < items; i++)
		memcpy(text + 1 + 2 * i, "1,", 2);
	text[2 * items] = ']';
	const char *reason = reason_of((struct str){ text, 2 * items + 1 });

	free(text);
	return reason;
}

static void the_number_of_values_has_a_limit(void **state)
{
	(void)state;
	assert_null(list_reason(limits.values - 1));
	assert_string_equal(list_reason(limits.values), "too many values");
}

static const char *long_reason(const char *format_start, size_t n, char fill, const char *end)
{
	size_t head = strlen(format_start), tail = strlen(end);
	char *text = malloc(head + n + tail);

	memcpy(text, format_start, head);
	memset(text + head, fill, n);
	memcpy(text + head + n, end, tail);
	const char *reason = reason_of((struct str){ text, head + n + tail });

	free(text);
	return reason;
}

static void lengths_have_limits(void **state)
{
	(void)state;
	assert_null(long_reason("\"", limits.string_bytes, 'a', "\""));
	assert_string_equal(
		long_reason("\"", limits.string_bytes + 1, 'a', "\""), "string too long");
	assert_null(long_reason("{\"", limits.name_bytes, 'a', "\":1}"));
	assert_string_equal(
		long_reason("{\"", limits.name_bytes + 1, 'a', "\":1}"), "name too long");
	assert_null(long_reason("0.", JSON_NUMBER_MAX - 2, '1', ""));
	assert_string_equal(long_reason("0.", JSON_NUMBER_MAX, '1', ""), "number too long");
}

static void every_cut_of_a_document_is_refused(void **state)
{
	const struct str whole =
		STR("{\"username\":\"jos\xc3\xa9\",\"n\":[-12.5e+3,0,{}],\"e\":\"\\ud83d\\ude00\","
		    "\"t\":true,\"f\":false,\"z\":null,\"d\":{\"k\":\"v\"}}");

	(void)state;
	assert_null(reason_of(whole));
	for (size_t n = 0; n < whole.n; n++) {
		char *exact = malloc(n ? n : 1);

		memcpy(exact, whole.p, n);
		assert_non_null(reason_of((struct str){ exact, n }));
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_value_is_accepted),
		cmocka_unit_test(duplicate_members_are_allowed),
		cmocka_unit_test(what_json_c_lets_pass_is_refused),
		cmocka_unit_test(broken_grammar_is_refused),
		cmocka_unit_test(lone_surrogates_are_refused),
		cmocka_unit_test(the_fault_says_where),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(the_number_of_values_has_a_limit),
		cmocka_unit_test(lengths_have_limits),
		cmocka_unit_test(every_cut_of_a_document_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
