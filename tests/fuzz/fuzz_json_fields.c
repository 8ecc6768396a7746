#include "base/json_fields.h"

#include "base/json_writer.h"
#include "fuzz.h"

struct thing {
	const char *text, *json, *dict;
	int64_t number, time, stamp;
	bool flag;
	enum tri tri;
};

static const struct field fields[] = {
	FIELD_TEXT(thing, text),
	FIELD_JSON(thing, json),
	FIELD_DICT(thing, dict),
	FIELD_INT(thing, number),
	FIELD_TIME(thing, time),
	FIELD_STAMP(thing, stamp),
	FIELD_BOOL(thing, flag),
	FIELD_TRI(thing, tri),
	FIELDS_END,
};

static void write(struct buf *out, const struct thing *t)
{
	struct json_writer w;

	buf_init(out, (size_t)1 << 20);
	json_writer_init(&w, out);
	json_object_begin(&w);
	json_fields(&w, fields, t, READER_ANY);
	json_object_end(&w);
}

/* What was read and written is read and written alike. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4096);
	struct thing first = { 0 }, second = { 0 };
	struct buf once, twice;

	if (json_fields_read(fields, fuzz_input(data, size), arena, &first)) {
		write(&once, &first);
		require(json_fields_read(fields, buf_str(&once), arena, &second));
		write(&twice, &second);
		require(str_eq(buf_str(&once), buf_str(&twice)));
		buf_finish(&once);
		buf_finish(&twice);
	}
	arena_free(&arena);
	return 0;
}
