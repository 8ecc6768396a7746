#include "base/json_fields.h"

#include "../arena.h"
#include "base/json_writer.h"

struct thing {
	const char *name;
	int64_t count;
	bool open;
	enum tri maybe;
	int64_t at, stamp;
	const char *document, *dictionary;
};

static const struct field fields[] = {
	FIELD_TEXT(thing, name),
	FIELD_INT(thing, count),
	FIELD_BOOL(thing, open),
	FIELD_TRI(thing, maybe),
	FIELD_TIME(thing, at),
	FIELD_STAMP(thing, stamp),
	FIELD_JSON(thing, document),
	FIELD_DICT(thing, dictionary),
	FIELDS_END,
};

static bool read(const char *json, struct thing *ret)
{
	*ret = (struct thing){ 0 };
	return json_fields_read(fields, str_from(json), arena, ret);
}

static void what_the_writer_wrote_is_read_back(void **state)
{
	const struct thing in = { .name = "ali\u00e9 \"b\"\n",
		.count = INT64_MIN + 1,
		.open = true,
		.maybe = TRI_FALSE,
		.at = INT64_C(1767225601500000),
		.stamp = INT64_C(1767225601000000),
		.document = "[1,{\"a\":null}]",
		.dictionary = "{\"k\":\"v\"}" };
	struct thing out;
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	json_writer_init(&w, &b);
	json_object_begin(&w);
	json_fields(&w, fields, &in, READER_ANY);
	json_object_end(&w);
	assert_true(read(b.p, &out));
	assert_string_equal(out.name, in.name);
	assert_true(out.count == in.count);
	assert_true(out.open);
	assert_int_equal(out.maybe, TRI_FALSE);
	assert_true(out.at == in.at && out.stamp == in.stamp);
	assert_string_equal(out.document, in.document);
	assert_string_equal(out.dictionary, in.dictionary);
	buf_finish(&b);
}

static void missing_and_null_members_stay_zero_and_unknown_ones_are_passed_over(void **state)
{
	struct thing out;

	(void)state;
	assert_true(read("{\"name\": null, \"other\": [1, {\"count\": 7}]}", &out));
	assert_null(out.name);
	assert_true(out.count == 0);
	assert_int_equal(out.maybe, TRI_UNSET);
	assert_true(read("{}", &out));
}

static void spaces_of_the_database_between_the_values_are_fine(void **state)
{
	struct thing out;

	(void)state;
	assert_true(read("{\"open\": false, \"count\": -12, \"name\": \"\"}", &out));
	assert_true(out.count == -12);
	assert_string_equal(out.name, "");
}

static void another_type_than_the_rows_and_no_object_are_refused(void **state)
{
	static const char *const bad[] = { "", "null", "[]", "{", "{\"name\":1}",
		"{\"count\":\"1\"}", "{\"count\":1.5}", "{\"count\":9223372036854775808}",
		"{\"open\":1}", "{\"maybe\":\"true\"}", "{\"at\":12}", "{\"at\":\"yesterday\"}",
		"{\"at\":\"2026-13-02T03:04:05.000000Z\"}", "{\"dictionary\":[]}",
		"{\"name\":\"\\ud800\"}" };
	struct thing out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (read(bad[i], &out))
			fail_msg("was read: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_writer_wrote_is_read_back),
		cmocka_unit_test(
			missing_and_null_members_stay_zero_and_unknown_ones_are_passed_over),
		cmocka_unit_test(spaces_of_the_database_between_the_values_are_fine),
		cmocka_unit_test(another_type_than_the_rows_and_no_object_are_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
