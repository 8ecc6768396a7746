#include "pg_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/encode.h"

#define ARRAYS_MAX ((size_t)16 << 20)
#define NO_ARRAY   SIZE_MAX

/* pg_type.h of the server; these never change. */
const Oid pg_type_oids[] = {
	[PG_TEXT] = 25,
	[PG_INT] = 20,
	[PG_BOOL] = 16,
	[PG_TIME] = 1184,
	[PG_BYTES] = 17,
	[PG_JSON] = 3802,
	[PG_INET] = 869,
	[PG_INTS] = 1016,
	[PG_TEXTS] = 1009,
};

const Oid pg_array_oids[] = {
	[PG_TEXT] = 1009,
	[PG_INT] = 1016,
	[PG_BOOL] = 1000,
	[PG_TIME] = 1185,
	[PG_BYTES] = 1001,
	[PG_JSON] = 3807,
	[PG_INET] = 1041,
	[PG_INTS] = 0,
	[PG_TEXTS] = 0,
};

enum pg_type pg_type_of_field(enum field_type type)
{
	static const enum pg_type types[] = {
		[FIELD_TYPE_TEXT] = PG_TEXT,
		[FIELD_TYPE_INT] = PG_INT,
		[FIELD_TYPE_BOOL] = PG_BOOL,
		[FIELD_TYPE_TRI] = PG_BOOL,
		[FIELD_TYPE_TIME] = PG_TIME,
		[FIELD_TYPE_STAMP] = PG_TIME,
		[FIELD_TYPE_JSON] = PG_JSON,
		[FIELD_TYPE_DICT] = PG_JSON,
		[FIELD_TYPE_BYTES] = PG_BYTES,
	};

	return types[type];
}

static struct pg_value from_text(enum pg_type type, const char *s)
{
	return (struct pg_value){ .type = type, .null = !s, .text = str_from(s) };
}

struct pg_value pg_text(const char *s)
{
	return from_text(PG_TEXT, s);
}

struct pg_value pg_int(int64_t v)
{
	return (struct pg_value){ .type = PG_INT, .number = v };
}

struct pg_value pg_bool(bool v)
{
	return (struct pg_value){ .type = PG_BOOL, .flag = v };
}

struct pg_value pg_tri(enum tri v)
{
	return (struct pg_value){ .type = PG_BOOL, .null = v == TRI_UNSET, .flag = v == TRI_TRUE };
}

struct pg_value pg_time(int64_t us)
{
	return (struct pg_value){ .type = PG_TIME, .null = us == 0, .number = us };
}

struct pg_value pg_bytes(const void *p, size_t n)
{
	return (struct pg_value){ .type = PG_BYTES, .null = !p, .text = { p, n } };
}

struct pg_value pg_json(const char *json)
{
	return from_text(PG_JSON, json);
}

struct pg_value pg_inet(const char *address)
{
	return from_text(PG_INET, address);
}

struct pg_value pg_ints(const int64_t *v, size_t n)
{
	return (struct pg_value){ .type = PG_INTS, .numbers = v, .count = n };
}

struct pg_value pg_texts(const char *const *v, size_t n)
{
	return (struct pg_value){ .type = PG_TEXTS, .texts = v, .count = n };
}

static struct pg_value int_member(const struct field *f, int64_t v)
{
	return (struct pg_value){
		.type = PG_INT, .null = (f->flags & FIELD_ZERO_NULL) && v == 0, .number = v
	};
}

static struct pg_value member_value(const struct field *f, const void *object)
{
	const void *member = field_value(f, object);

	switch (f->type) {
	case FIELD_TYPE_INT:
		return int_member(f, *(const int64_t *)member);
	case FIELD_TYPE_BOOL:
		return pg_bool(*(const bool *)member);
	case FIELD_TYPE_TRI:
		return pg_tri(*(const enum tri *)member);
	case FIELD_TYPE_TIME:
	case FIELD_TYPE_STAMP:
		return pg_time(*(const int64_t *)member);
	case FIELD_TYPE_BYTES:
		return pg_bytes(((const struct str *)member)->p, ((const struct str *)member)->n);
	default:
		return from_text(pg_type_of_field(f->type), *(const char *const *)member);
	}
}

static void add_quoted(struct buf *out, const char *s)
{
	buf_add_char(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *s);
	}
	buf_add_char(out, '"');
}

static void add_hex(struct buf *out, const char *p, size_t n)
{
	buf_add_str(out, "\"\\\\x");
	char *hex = buf_reserve(out, HEX_SIZE(n));

	if (hex)
		out->n += strlen(hex_encode(hex, p, n));
	buf_add_char(out, '"');
}

void array_add(struct buf *out, enum pg_type type, const char *value, size_t n)
{
	if (!value)
		buf_add_str(out, "NULL");
	else if (type == PG_BYTES)
		add_hex(out, value, n);
	else
		add_quoted(out, value);
}

static void add_element(struct buf *out, const struct pg_value *v, size_t i)
{
	if (v->type == PG_INTS)
		buf_printf(out, "%" PRId64, v->numbers[i]);
	else
		array_add(out, PG_TEXT, v->texts[i], 0);
}

/* An array literal (PostgreSQL, 8.15.2). Returns where it starts: the buffer still moves. */
static size_t add_array(struct buf *out, const struct pg_value *v)
{
	size_t start = out->n;

	buf_add_char(out, '{');
	for (size_t i = 0; i < v->count; i++) {
		if (i)
			buf_add_char(out, ',');
		add_element(out, v, i);
	}
	buf_add(out, "}", sizeof("}"));
	return start;
}

/* Texts and bytes go in the binary format, which for them is the bytes themselves. */
static void add_scalar(struct pg_params *p, size_t i, const struct pg_value *v)
{
	char *number = p->numbers[i];

	p->values[i] = number;
	switch (v->type) {
	case PG_INT:
		snprintf(number, sizeof(p->numbers[i]), "%" PRId64, v->number);
		break;
	case PG_TIME:
		clock_iso(number, v->number);
		break;
	case PG_BOOL:
		strcpy(number, v->flag ? "t" : "f");
		break;
	case PG_TEXT:
	case PG_BYTES:
		p->formats[i] = PG_FORMAT_BYTES;
		p->lengths[i] = (int)v->text.n;
		p->values[i] = v->text.p;
		break;
	default:
		p->values[i] = v->text.p;
	}
}

static bool is_array(const struct pg_value *v)
{
	return v->type == PG_INTS || v->type == PG_TEXTS;
}

static void add_value(struct pg_params *p, size_t i, const struct pg_value *v)
{
	p->values[i] = NULL;
	p->lengths[i] = p->formats[i] = 0;
	p->starts[i] = NO_ARRAY;
	if (v->null)
		return;
	if (is_array(v))
		p->starts[i] = add_array(&p->arrays, v);
	else
		add_scalar(p, i, v);
}

enum err pg_params_init(
	struct pg_params *p, const struct completed *c, const struct pg_value *values)
{
	p->stmt = c;
	p->count = (int)c->count;
	buf_init(&p->arrays, ARRAYS_MAX);
	for (size_t i = 0; i < c->count; i++) {
		const struct pg_value v =
			c->stmt->in ? member_value(c->params[i].field, values->object) : values[i];

		add_value(p, i, &v);
	}
	for (size_t i = 0; i < c->count; i++)
		if (p->starts[i] != NO_ARRAY)
			p->values[i] = p->arrays.p + p->starts[i];
	if (!p->arrays.overflow)
		return ERR_OK;
	pg_params_finish(p);
	return ERR_INVALID;
}

bool params_send(struct pg *pg, const struct pg_params *p)
{
	return PQsendQueryPrepared(pg->conn, p->stmt->stmt->name, p->count, p->values, p->lengths,
		p->formats, PG_FORMAT_BYTES);
}

void pg_params_finish(struct pg_params *p)
{
	if (p->arrays.p)
		buf_wipe(&p->arrays);
	buf_finish(&p->arrays);
}
