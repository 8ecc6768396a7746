#include "base/json_fields.h"

#include "base/clock.h"
#include "base/field_check.h"
#include "base/json_slice.h"

static bool read_text(struct str value, struct arena *arena, const char **ret)
{
	char *text = arena_alloc(arena, value.n);
	size_t n;

	if (!json_slice_text(value, text, value.n, &n))
		return false;
	*ret = text;
	return true;
}

static bool read_int(struct str value, int64_t *ret)
{
	bool negative = value.p[0] == '-';
	struct str digits = { value.p + negative, value.n - negative };
	uint64_t n;

	if (!json_slice_uint(digits, INT64_MAX, &n))
		return false;
	*ret = negative ? -(int64_t)n : (int64_t)n;
	return true;
}

/* Both forms of the writer: "2026-01-02T03:04:05.000000Z" and "2026-01-02 03:04:05". */
static bool read_time(struct str value, int64_t *ret)
{
	char text[CLOCK_ISO_SIZE];
	size_t n;

	if (!json_slice_text(value, text, sizeof(text), &n))
		return false;
	if (n == CLOCK_ISO_SIZE - 1 && text[10] == 'T' && text[n - 1] == 'Z') {
		text[10] = ' ';
		n--;
	}
	return clock_sql_parse((struct str){ text, n }, ret);
}

static bool read_member(const struct field *f, struct str value, struct arena *arena, void *ret)
{
	enum json_kind kind = json_slice_kind(value);
	bool is_bool = kind == JSON_TRUE || kind == JSON_FALSE;
	void *member = field_member(f, ret);

	switch (f->type) {
	case FIELD_TYPE_TEXT:
		return read_text(value, arena, member);
	case FIELD_TYPE_INT:
		return read_int(value, member);
	case FIELD_TYPE_BOOL:
		*(bool *)member = kind == JSON_TRUE;
		return is_bool;
	case FIELD_TYPE_TRI:
		*(enum tri *)member = kind == JSON_TRUE ? TRI_TRUE : TRI_FALSE;
		return is_bool;
	case FIELD_TYPE_TIME:
	case FIELD_TYPE_STAMP:
		return read_time(value, member);
	case FIELD_TYPE_JSON:
	case FIELD_TYPE_DICT:
		*(const char **)member = arena_strndup(arena, value.p, value.n);
		return f->type == FIELD_TYPE_JSON || kind == JSON_OBJECT;
	default:
		return false;
	}
}

bool json_fields_read(const struct field *fields, struct str object, struct arena *arena, void *ret)
{
	struct str value;

	if (!json_slice_is_valid(object) || json_slice_kind(object) != JSON_OBJECT)
		return false;
	FIELD_FOR_EACH(f, fields)
		if (json_slice_member(object, f->name, &value) &&
			json_slice_kind(value) != JSON_NULL && !read_member(f, value, arena, ret))
			return false;
	return true;
}

/* One member of a client's object. */
struct member {
	const struct field *field;
	const char *name; /* with the prefix */
	struct str value;
	struct arena *arena;
	struct field_errors *errors;
	void *to;
};

static void refuse(const struct member *m, const struct text *text)
{
	field_errors_add(m->errors, m->name, text);
}

static void bind_text(const struct member *m)
{
	const struct field *f = m->field;
	const char *text;

	if (!read_text(m->value, m->arena, &text)) {
		refuse(m, &text_type);
		return;
	}
	struct str s = str_from(text);

	if (!(f->flags & FIELD_RAW))
		s = str_trim(s);
	if (s.n == 0 && f->flags & FIELD_REQUIRED)
		refuse(m, &text_required);
	else if (s.n && field_check_text(f, m->name, s, m->errors))
		*(const char **)m->to = arena_strndup(m->arena, s.p, s.n);
}

static void bind_int(const struct member *m)
{
	int64_t v;

	if (json_slice_kind(m->value) != JSON_NUMBER || !read_int(m->value, &v))
		refuse(m, &text_int);
	else if (field_check_int(m->field, m->name, v, m->errors))
		*(int64_t *)m->to = v;
}

static void bind_tri(const struct member *m)
{
	if (str_is(m->value, "true") || str_is(m->value, "1"))
		*(enum tri *)m->to = TRI_TRUE;
	else if (str_is(m->value, "false") || str_is(m->value, "0"))
		*(enum tri *)m->to = TRI_FALSE;
	else
		refuse(m, &text_bool);
}

static void bind_member(const struct member *m)
{
	if (m->field->type == FIELD_TYPE_TEXT)
		bind_text(m);
	else if (m->field->type == FIELD_TYPE_INT)
		bind_int(m);
	else if (m->field->type == FIELD_TYPE_TRI)
		bind_tri(m);
	else
		refuse(m, &text_forbidden_field);
}

bool json_fields_bind(const struct field *fields, const char *prefix, struct str object,
	struct arena *arena, struct field_errors *errors, void *ret)
{
	const size_t before = errors->count;

	if (!json_slice_is_valid(object) || json_slice_kind(object) != JSON_OBJECT) {
		field_errors_add(errors, prefix, &text_type);
		return false;
	}
	FIELD_FOR_EACH(f, fields) {
		struct member m = { .field = f,
			.name = arena_printf(arena, "%s.%s", prefix, f->name),
			.arena = arena,
			.errors = errors,
			.to = field_member(f, ret) };

		if (json_slice_member(object, f->name, &m.value) &&
			json_slice_kind(m.value) != JSON_NULL)
			bind_member(&m);
		else if (f->flags & FIELD_REQUIRED)
			refuse(&m, &text_required);
	}
	return errors->count == before;
}
