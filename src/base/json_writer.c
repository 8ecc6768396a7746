#include "base/json_writer.h"

#include <stdint.h>
#include <string.h>

#include "base/clock.h"

void json_writer_init(struct json_writer *w, struct buf *out)
{
	w->out = out;
	w->comma = false;
}

static void value_begins(struct json_writer *w)
{
	if (w->comma)
		buf_add_char(w->out, ',');
	w->comma = true;
}

static void open(struct json_writer *w, char c)
{
	value_begins(w);
	buf_add_char(w->out, c);
	w->comma = false;
}

static void close(struct json_writer *w, char c)
{
	buf_add_char(w->out, c);
	w->comma = true;
}

void json_object_begin(struct json_writer *w)
{
	open(w, '{');
}

void json_object_end(struct json_writer *w)
{
	close(w, '}');
}

void json_array_begin(struct json_writer *w)
{
	open(w, '[');
}

void json_array_end(struct json_writer *w)
{
	close(w, ']');
}

/* What does not stand for itself between quotes: controls, quote, backslash, DEL. */
static const bool special[256] = {
	[0 ... ' ' - 1] = true, ['"'] = true, ['\\'] = true, [0x7f] = true
};

static void escaped(struct buf *out, unsigned char c)
{
	static const char short_form[] = { ['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't',
		['"'] = '"',
		['\\'] = '\\' };

	if (c < sizeof(short_form) && short_form[c])
		buf_printf(out, "\\%c", short_form[c]);
	else
		buf_printf(out, "\\u%04x", c);
}

static void quoted(struct buf *out, struct str s)
{
	size_t from = 0;

	buf_add_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!special[c])
			continue;
		buf_add(out, s.p + from, i - from);
		escaped(out, c);
		from = i + 1;
	}
	buf_add(out, s.p + from, s.n - from);
	buf_add_char(out, '"');
}

void json_key(struct json_writer *w, const char *name)
{
	value_begins(w);
	quoted(w->out, str_from(name));
	buf_add_char(w->out, ':');
	w->comma = false;
}

void json_str(struct json_writer *w, struct str s)
{
	value_begins(w);
	quoted(w->out, s);
}

void json_raw(struct json_writer *w, const char *json)
{
	value_begins(w);
	buf_add_str(w->out, json ? json : "null");
}

void json_text(struct json_writer *w, const char *s)
{
	if (s)
		json_str(w, str_from(s));
	else
		json_null(w);
}

void json_int(struct json_writer *w, int64_t v)
{
	value_begins(w);
	buf_add_int(w->out, v);
}

void json_flag(struct json_writer *w, bool v)
{
	json_raw(w, v ? "true" : "false");
}

void json_null(struct json_writer *w)
{
	json_raw(w, "null");
}

static void time_member(struct json_writer *w, int64_t us, enum field_type type)
{
	char iso[CLOCK_ISO_SIZE], sql[CLOCK_SQL_SIZE];

	if (us == 0)
		json_null(w);
	else if (type == FIELD_TYPE_TIME)
		json_text(w, clock_iso(iso, us));
	else
		json_text(w, clock_sql(sql, us));
}

static void member(struct json_writer *w, const struct field *f, const void *object)
{
	const void *v = field_value(f, object);

	if (f->flags & FIELD_NULLABLE && *(const int64_t *)v == 0) {
		json_null(w);
		return;
	}
	switch (f->type) {
	case FIELD_TYPE_TEXT:
		json_text(w, *(const char *const *)v);
		break;
	case FIELD_TYPE_INT:
		json_int(w, *(const int64_t *)v);
		break;
	case FIELD_TYPE_BOOL:
		json_flag(w, *(const bool *)v);
		break;
	case FIELD_TYPE_TRI:
		json_raw(w, (const char *[]){ NULL, "false", "true" }[*(const enum tri *)v]);
		break;
	case FIELD_TYPE_TIME:
	case FIELD_TYPE_STAMP:
		time_member(w, *(const int64_t *)v, f->type);
		break;
	case FIELD_TYPE_JSON:
	case FIELD_TYPE_DICT:
		json_raw(w, *(const char *const *)v);
		break;
	case FIELD_TYPE_GROUP:
	case FIELD_TYPE_BYTES:
	case FIELD_TYPE_END:
		json_null(w);
		break;
	}
}

static bool is_null(const struct field *f, const void *object)
{
	const void *v = field_value(f, object);

	switch (f->type) {
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_JSON:
	case FIELD_TYPE_DICT:
		return !*(const char *const *)v;
	case FIELD_TYPE_TRI:
		return *(const enum tri *)v == TRI_UNSET;
	case FIELD_TYPE_TIME:
	case FIELD_TYPE_STAMP:
		return *(const int64_t *)v == 0;
	default:
		return false;
	}
}

void json_pair(struct json_writer *w, const char *name, const char *value)
{
	json_key(w, name);
	json_text(w, value);
}

/* Names of fields stand for themselves. */
static void field_name(struct json_writer *w, const char *name)
{
	const size_t n = strlen(name);
	char *p = buf_reserve(w->out, n + 4);

	if (!p)
		return;
	if (w->comma)
		*p++ = ',';
	*p++ = '"';
	memcpy(p, name, n);
	memcpy(p + n, "\":", 3);
	w->out->n += n + 3 + w->comma;
	w->comma = false;
}

void json_fields(struct json_writer *w, const struct field *fields, const void *object,
	enum field_reader reader)
{
	FIELD_FOR_EACH(f, fields) {
		if (f->flags & (FIELD_INTERNAL | FIELD_ALIAS))
			continue;
		if (f->readers && !(f->readers & (unsigned)reader))
			continue;
		if ((f->flags & FIELD_OMIT_NULL) && is_null(f, object))
			continue;
		field_name(w, f->name);
		member(w, f, object);
	}
}

const char *json_fields_text(struct arena *arena, const struct field *fields, const void *object,
	enum field_reader reader, size_t max)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, max);
	json_writer_init(&w, &text);
	json_object_begin(&w);
	json_fields(&w, fields, object, reader);
	json_object_end(&w);
	return buf_to_arena(&text, arena);
}
