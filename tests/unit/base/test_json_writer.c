#include "base/json_writer.h"

#include "../unit.h"

struct thing {
	const char *name, *parts;
	int64_t id, made, stamp;
	bool on;
	enum tri maybe;
	const char *token, *hidden, *rare;
};

static const struct field thing_fields[] = {
	FIELD_INT(thing, id),
	FIELD_TEXT(thing, name),
	FIELD_JSON(thing, parts),
	FIELD_TIME(thing, made),
	FIELD_STAMP(thing, stamp),
	FIELD_BOOL(thing, on),
	FIELD_TRI(thing, maybe),
	FIELD_TEXT(thing, token, .readers = READER_SELF),
	FIELD_TEXT(thing, hidden, .flags = FIELD_INTERNAL),
	FIELD_TEXT(thing, rare, .flags = FIELD_OMIT_NULL),
	FIELDS_END,
};

static void structure_and_escapes(void **state)
{
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	json_writer_init(&w, &b);
	json_object_begin(&w);
	json_key(&w, "a");
	json_array_begin(&w);
	json_int(&w, -5);
	json_text(&w, NULL);
	json_array_begin(&w);
	json_array_end(&w);
	json_str(&w, (struct str){ "q\"\\\n\x01\xc3\xa9\0z", 9 });
	json_array_end(&w);
	json_key(&w, "b\t");
	json_flag(&w, true);
	json_object_end(&w);
	assert_string_equal(
		b.p, "{\"a\":[-5,null,[],\"q\\\"\\\\\\n\\u0001\xc3\xa9\\u0000z\"],\"b\\t\":true}");
	buf_finish(&b);
}

static void fields_are_written_for_their_reader(void **state)
{
	struct thing t = { .name = "x",
		.parts = "[1]",
		.id = 7,
		.made = 1767323045000000,
		.token = "secret",
		.hidden = "no" };
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	json_writer_init(&w, &b);
	json_object_begin(&w);
	json_fields(&w, thing_fields, &t, READER_LIST);
	json_object_end(&w);
	assert_string_equal(b.p,
		"{\"id\":7,\"name\":\"x\",\"parts\":[1],\"made\":\"2026-01-02T03:04:05.000000Z\","
		"\"stamp\":null,\"on\":false,\"maybe\":null}");
	buf_clear(&b);
	json_writer_init(&w, &b);
	json_object_begin(&w);
	json_fields(&w, thing_fields, &t, READER_SELF);
	json_object_end(&w);
	assert_non_null(strstr(b.p, "\"token\":\"secret\""));
	assert_null(strstr(b.p, "hidden"));
	buf_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structure_and_escapes),
		cmocka_unit_test(fields_are_written_for_their_reader),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
