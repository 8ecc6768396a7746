#include "http/bind.h"

#include "http/json_in.h"

#include "fuzz.h"

struct sample {
	const char *text, *raw, *dict, *json;
	int64_t number, stamp, time;
	bool flag;
	enum tri tri;
};

static const struct field sample_fields[] = {
	FIELD_TEXT(sample, text, .min = 2, .max = 5),
	FIELD_TEXT(sample, raw, .flags = FIELD_RAW | FIELD_REQUIRED),
	FIELD_INT(sample, number, .min = -5, .max = 1000),
	FIELD_STAMP(sample, stamp),
	FIELD_TIME(sample, time),
	FIELD_BOOL(sample, flag),
	FIELD_TRI(sample, tri),
	FIELD_DICT(sample, dict),
	FIELD_JSON(sample, json),
	FIELDS_END,
};

static void check_texts(const struct params *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct str s;

		if (!p->list[i].is_json || !p->list[i].json || !param_text(&p->list[i], &s))
			continue;
		require(utf8_is_valid(s.p, s.n));
	}
}

static void check_bound(struct arena *a, const struct params *p)
{
	struct sample got = { 0 };
	struct field_errors errors;
	struct json_fault fault;

	field_errors_init(&errors, a);
	enum err e = bind_fields(sample_fields, p, &errors, &got);

	require((e == ERR_OK) == (errors.count == 0));
	if (got.text)
		require(utf8_length(got.text, strlen(got.text)) <= 5);
	require(got.number >= -5 && got.number <= 1000);
	if (got.dict)
		require(json_scan(str_from(got.dict), &json_in_limits, &fault) == ERR_OK);
	if (got.json)
		require(json_scan(str_from(got.json), &json_in_limits, &fault) == ERR_OK);
}

/* A JSON object when it is one, else a query string; then bound. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);
	struct arena *a = arena_new(4096);
	struct json_object *object;
	struct json_fault fault;
	struct params p;
	enum err e;

	params_init(&p, a);
	if (json_in_object(a, text, &object, &fault) == ERR_OK)
		e = params_add_json(&p, object);
	else
		e = params_add_form(&p, FIELD_IN_QUERY, text);
	if (e == ERR_OK) {
		check_texts(&p);
		check_bound(a, &p);
	}
	arena_free(&a);
	return 0;
}
