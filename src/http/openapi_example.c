/* An answer as it may look, from the examples of its fields. */
#include "openapi_priv.h"

static void example_text(struct json_writer *w, const struct field *f)
{
	if (f->example)
		json_text(w, f->example);
	else if (f->one_of)
		json_text(w, f->one_of[0]);
	else
		json_text(w, f->flags & FIELD_SECRET ? "..." : "text");
}

static void example_value(struct json_writer *w, const struct field *f)
{
	if (f->type == FIELD_TYPE_TEXT) {
		example_text(w, f);
		return;
	}
	if (f->items) {
		json_array_begin(w);
		openapi_example(w, f->items, READER_ANY);
		json_array_end(w);
		return;
	}
	if (f->object) {
		openapi_example(w, f->object, READER_ANY);
		return;
	}
	static const char *const values[] = {
		[FIELD_TYPE_INT] = "1",
		[FIELD_TYPE_BOOL] = "true",
		[FIELD_TYPE_TRI] = "true",
		[FIELD_TYPE_TIME] = "\"2026-01-31T23:59:59.000000Z\"",
		[FIELD_TYPE_STAMP] = "\"2026-01-31 23:59:59\"",
		[FIELD_TYPE_JSON] = "null",
		[FIELD_TYPE_DICT] = "{}",
		[FIELD_TYPE_GROUP] = "null",
		[FIELD_TYPE_BYTES] = "null",
	};

	json_raw(w, f->example ? f->example : values[f->type]);
}

void openapi_example(struct json_writer *w, const struct shape *s, enum field_reader reader)
{
	json_object_begin(w);
	FIELD_FOR_EACH(f, s->fields) {
		if (f->flags & (FIELD_INTERNAL | FIELD_ALIAS))
			continue;
		if (f->readers && !(f->readers & reader))
			continue;
		json_key(w, f->name);
		example_value(w, f);
	}
	json_object_end(w);
}
