#include "pg_priv.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/log.h"

#define OIDS_MAX 4

/* What a column may be, for each type a member may have. */
static const Oid accepted[][OIDS_MAX] = {
	[FIELD_TYPE_TEXT] = { 25, 1043, 19 },  /* text, varchar, name */
	[FIELD_TYPE_INT] = { 20, 23, 21 },     /* bigint, integer, smallint */
	[FIELD_TYPE_BOOL] = { 16 },            /* boolean */
	[FIELD_TYPE_TRI] = { 16 },             /* boolean */
	[FIELD_TYPE_TIME] = { 1184 },          /* timestamptz */
	[FIELD_TYPE_STAMP] = { 1184 },         /* timestamptz */
	[FIELD_TYPE_JSON] = { 3802, 114, 25 }, /* jsonb, json, text */
	[FIELD_TYPE_DICT] = { 3802, 114, 25 }, /* jsonb, json, text */
	[FIELD_TYPE_BYTES] = { 17 },           /* bytea */
};

bool field_is_column(const struct field *f)
{
	return !(f->flags & (FIELD_ALIAS | FIELD_COMPUTED));
}

size_t field_size(const struct field *f)
{
	switch (f->type) {
	case FIELD_TYPE_INT:
	case FIELD_TYPE_TIME:
	case FIELD_TYPE_STAMP:
		return sizeof(int64_t);
	case FIELD_TYPE_BOOL:
		return sizeof(bool);
	case FIELD_TYPE_TRI:
		return sizeof(enum tri);
	case FIELD_TYPE_BYTES:
		return sizeof(struct str);
	default:
		return sizeof(const char *);
	}
}

bool field_accepts_oid(const struct field *f, Oid oid)
{
	for (size_t i = 0; i < OIDS_MAX && accepted[f->type][i]; i++)
		if (accepted[f->type][i] == oid)
			return true;
	return false;
}

/* "\x0123…", PostgreSQL 8.4.1; bytea_output=hex is set when connecting. */
static bool bytes_read(struct str s, struct arena *arena, struct str *ret)
{
	uint8_t *out;

	if (s.n < 2 || s.p[0] != '\\' || s.p[1] != 'x')
		return false;
	s.p += 2;
	s.n -= 2;
	out = arena_alloc(arena, s.n / 2 + 1);
	if (!hex_decode(out, s.n / 2, s))
		return false;
	*ret = (struct str){ (const char *)out, s.n / 2 };
	return true;
}

static bool value_read(const struct field *f, struct str s, struct arena *arena, void *row)
{
	void *member = field_member(f, row);

	switch (f->type) {
	case FIELD_TYPE_INT:
		*(int64_t *)member = strtoll(s.p, NULL, 10);
		return true;
	case FIELD_TYPE_BOOL:
		*(bool *)member = s.p[0] == 't';
		return true;
	case FIELD_TYPE_TRI:
		*(enum tri *)member = s.p[0] == 't' ? TRI_TRUE : TRI_FALSE;
		return true;
	case FIELD_TYPE_TIME:
	case FIELD_TYPE_STAMP:
		return clock_sql_parse(s, member);
	case FIELD_TYPE_BYTES:
		return bytes_read(s, arena, member);
	default:
		*(const char **)member = arena_strndup(arena, s.p, s.n);
		return true;
	}
}

enum err row_read(const struct field *fields, const PGresult *result, int i, struct arena *arena,
	void *ret_row)
{
	int column = 0;

	FIELD_FOR_EACH(f, fields) {
		struct str s;

		if (!field_is_column(f))
			continue;
		s = (struct str){ PQgetvalue(result, i, column),
			(size_t)PQgetlength(result, i, column) };
		if (!PQgetisnull(result, i, column) && !value_read(f, s, arena, ret_row)) {
			log_error("column %s holds a value that cannot be represented", f->name);
			return ERR_INTERNAL;
		}
		column++;
	}
	return ERR_OK;
}
