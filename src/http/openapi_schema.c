#include "openapi_priv.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define SHAPES_MAX 512

void openapi_reference(struct json_writer *w, const char *schema)
{
	char path[128];

	snprintf(path, sizeof(path), "#/components/schemas/%s", schema);
	json_object_begin(w);
	json_pair(w, "$ref", path);
	json_object_end(w);
}

static void limit(struct json_writer *w, const char *key, int64_t n)
{
	if (n == 0)
		return;
	json_key(w, key);
	json_int(w, n);
}

/* JSON type and format by field type; a row is NULL where there is nothing to say. */
static const struct {
	const char *type, *format;
	bool nullable;
} schema_types[] = {
	[FIELD_TYPE_TEXT] = { "string", NULL, true },
	[FIELD_TYPE_INT] = { "integer", "int64", false },
	[FIELD_TYPE_BOOL] = { "boolean", NULL, false },
	[FIELD_TYPE_TRI] = { "boolean", NULL, true },
	[FIELD_TYPE_TIME] = { "string", "date-time", true },
	[FIELD_TYPE_STAMP] = { "string", NULL, true },
	[FIELD_TYPE_JSON] = { NULL, NULL, true },
	[FIELD_TYPE_DICT] = { "object", NULL, false },
	[FIELD_TYPE_GROUP] = { "object", NULL, true },
	[FIELD_TYPE_BYTES] = { "string", NULL, false },
};

/* The members of a schema, into an object that is open. */
static void add_members(struct json_writer *w, const char *schema)
{
	buf_add(w->out, schema + 1, strlen(schema) - 2);
	w->comma = true;
}

static void type_member(struct json_writer *w, const struct field *f, bool input)
{
	const char *type = f->items ? "array" : schema_types[f->type].type;

	if (!type)
		return;
	/* What need not be given may be null as well. */
	bool nullable = input ? !(f->flags & FIELD_REQUIRED)
			      : (schema_types[f->type].nullable && !f->items) ||
					(f->flags & FIELD_NULLABLE);

	json_key(w, "type");
	if (!nullable) {
		json_text(w, type);
		return;
	}
	json_array_begin(w);
	json_text(w, type);
	if (input && f->flags & FIELD_DIGITS)
		json_text(w, "integer");
	json_text(w, "null");
	json_array_end(w);
}

static void object_member(struct json_writer *w, const struct shape *s)
{
	json_key(w, "allOf");
	json_array_begin(w);
	openapi_reference(w, s->name);
	json_array_end(w);
}

static void values_member(struct json_writer *w, const struct field *f)
{
	if (!f->one_of)
		return;
	json_key(w, "enum");
	json_array_begin(w);
	for (const char *const *v = f->one_of; *v; v++)
		json_text(w, *v);
	if (!(f->flags & FIELD_REQUIRED))
		json_null(w);
	json_array_end(w);
}

static void members(struct json_writer *w, const struct field *fields, bool input);

void openapi_field(struct json_writer *w, const struct field *f, bool input)
{
	bool is_text = f->type == FIELD_TYPE_TEXT;

	json_object_begin(w);
	if (f->schema)
		add_members(w, f->schema);
	else if (f->object)
		object_member(w, f->object);
	else
		type_member(w, f, input);
	if (schema_types[f->type].format)
		json_pair(w, "format", schema_types[f->type].format);
	if (f->type == FIELD_TYPE_DICT) {
		json_key(w, "additionalProperties");
		json_raw(w, "{\"type\":\"string\"}");
	}
	if (f->flags & FIELD_FROM_ZERO) {
		json_key(w, "minimum");
		json_int(w, 0);
	}
	if (f->type == FIELD_TYPE_GROUP)
		members(w, f->members, input);
	if (f->items) {
		json_key(w, "items");
		openapi_reference(w, f->items->name);
	}
	limit(w, is_text ? "minLength" : "minimum", f->min);
	limit(w, is_text ? "maxLength" : "maximum", f->max);
	values_member(w, f);
	if (f->doc)
		json_pair(w, "description", f->doc);
	if (f->flags & FIELD_SECRET && input)
		json_pair(w, "format", "password");
	if (f->example) {
		json_key(w, "examples");
		json_array_begin(w);
		if (is_text)
			json_text(w, f->example);
		else
			json_raw(w, f->example);
		json_array_end(w);
	}
	json_object_end(w);
}

static bool is_shown(const struct field *f, bool input)
{
	if (f->flags & FIELD_INTERNAL)
		return false;
	return input ? f->in == FIELD_IN_BODY : !(f->flags & FIELD_ALIAS);
}

/* Of an answer: every member that is there for all readers. */
static bool is_required(const struct field *f, bool input)
{
	if (!is_shown(f, input))
		return false;
	return input ? f->flags & FIELD_REQUIRED : !f->readers && !(f->flags & FIELD_OMIT_NULL);
}

static void required_member(struct json_writer *w, const struct field *fields, bool input)
{
	bool any = false;

	FIELD_FOR_EACH(f, fields) {
		if (!is_required(f, input))
			continue;
		if (!any) {
			json_key(w, "required");
			json_array_begin(w);
			any = true;
		}
		json_text(w, f->name);
	}
	if (any)
		json_array_end(w);
}

static void members(struct json_writer *w, const struct field *fields, bool input)
{
	bool any_name = false;

	required_member(w, fields, input);
	json_key(w, "properties");
	json_object_begin(w);
	FIELD_FOR_EACH(f, fields) {
		any_name |= f->in == FIELD_IN_WHOLE;
		if (!is_shown(f, input))
			continue;
		json_key(w, f->name);
		openapi_field(w, f, input);
	}
	json_object_end(w);
	if (!any_name)
		return;
	json_key(w, "additionalProperties");
	json_flag(w, true);
}

static void shape_schema(struct json_writer *w, const struct shape *s, bool input)
{
	json_object_begin(w);
	json_pair(w, "type", "object");
	members(w, s->fields, input);
	json_object_end(w);
}

bool openapi_has_body(const struct endpoint *e)
{
	FIELD_FOR_EACH(f, e->in->fields) {
		if (f->in == FIELD_IN_BODY)
			return true;
	}
	return false;
}

/* Each shape is described once, however many rows have it. */
struct described {
	struct json_writer *w;
	const struct shape *list[SHAPES_MAX];
	size_t n;
};

static void describe(struct described *d, const struct shape *s, bool input)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->list[i] == s)
			return;
	assert(d->n < SHAPES_MAX);
	d->list[d->n++] = s;
	json_key(d->w, s->name);
	shape_schema(d->w, s, input);
	FIELD_FOR_EACH(f, s->fields) {
		if (f->items)
			describe(d, f->items, input);
		if (f->object)
			describe(d, f->object, input);
	}
}

/* Of what no shape describes: errors in each form, and what is around a page. */
static const char fixed_schemas[] =
	"\"Error\":{\"type\":\"object\",\"required\":[\"message\"],\"properties\":{"
	"\"message\":{\"type\":\"string\"},\"errors\":{\"type\":\"object\","
	"\"additionalProperties\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}},"
	"\"CtiError\":{\"type\":\"object\",\"required\":[\"code\",\"message\",\"data\"],"
	"\"properties\":{\"code\":{\"type\":\"integer\"},\"message\":{\"type\":\"string\"},"
	"\"data\":{\"type\":[\"object\",\"null\"],\"additionalProperties\":true}}},"
	"\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\","
	"\"status\",\"detail\",\"request_id\"],\"properties\":{"
	"\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
	"\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
	"\"request_id\":{\"type\":\"string\"},\"errors\":{\"type\":\"object\","
	"\"additionalProperties\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}},"
	"\"Page\":{\"type\":\"object\",\"required\":[\"current_page\",\"data\",\"first_"
	"page_url\","
	"\"from\",\"last_page\",\"last_page_url\",\"links\",\"next_page_url\",\"path\","
	"\"per_page\",\"prev_page_url\",\"to\",\"total\"],"
	"\"properties\":{\"current_page\":{\"type\":"
	"\"integer\"},"
	"\"per_page\":{\"type\":\"integer\"},\"total\":{\"type\":\"integer\"},"
	"\"last_page\":{\"type\":\"integer\"},\"from\":{\"type\":[\"integer\",\"null\"]},"
	"\"to\":{\"type\":[\"integer\",\"null\"]},\"path\":{\"type\":\"string\"},"
	"\"first_page_url\":{\"type\":\"string\"},\"last_page_url\":{\"type\":\"string\"},"
	"\"next_page_url\":{\"type\":[\"string\",\"null\"]},"
	"\"prev_page_url\":{\"type\":[\"string\",\"null\"]},\"links\":{\"type\":\"array\","
	"\"items\":{\"type\":\"object\",\"required\":[\"url\",\"label\",\"page\","
	"\"active\"],"
	"\"properties\":{"
	"\"url\":{\"type\":[\"string\",\"null\"]},\"label\":{\"type\":\"string\"},"
	"\"page\":{\"type\":[\"integer\",\"null\"]},"
	"\"active\":{\"type\":\"boolean\"}}}}}"
	"}";

void openapi_schemas(struct json_writer *w, const struct router *r)
{
	struct described d = { .w = w };
	const struct endpoint *e;

	json_key(w, "schemas");
	json_object_begin(w);
	json_raw(w, fixed_schemas);
	for (size_t at = 0; router_next(r, &at, &e);) {
		if (e->flags & ROW_HIDDEN || e->auth == AUTH_INTERNAL)
			continue;
		if (e->in && openapi_has_body(e))
			describe(&d, e->in, true);
		if (e->out)
			describe(&d, e->out, false);
	}
	json_object_end(w);
}
