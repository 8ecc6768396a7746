#include "pg_priv.h"

#include "base/clock.h"
#include "base/log.h"

#define OIDS_MAX      4
#define OID_JSONB     3802
#define JSONB_VERSION 1

/* 2000-01-01, 0001-01-01 and 10000-01-01. */
#define EPOCH_US (946684800 * CLOCK_SECOND_US)
#define FIRST_US (-62135596800 * CLOCK_SECOND_US)
#define END_US   (253402300800 * CLOCK_SECOND_US)

/* What a column may be, for each type a member may have. */
static const Oid accepted[][OIDS_MAX] = {
	[FIELD_TYPE_TEXT] = { 25, 1043, 19 },       /* text, varchar, name */
	[FIELD_TYPE_INT] = { 20, 23, 21 },          /* bigint, integer, smallint */
	[FIELD_TYPE_BOOL] = { 16 },                 /* boolean */
	[FIELD_TYPE_TRI] = { 16 },                  /* boolean */
	[FIELD_TYPE_TIME] = { 1184 },               /* timestamptz */
	[FIELD_TYPE_STAMP] = { 1184 },              /* timestamptz */
	[FIELD_TYPE_JSON] = { OID_JSONB, 114, 25 }, /* jsonb, json, text */
	[FIELD_TYPE_DICT] = { OID_JSONB, 114, 25 }, /* jsonb, json, text */
	[FIELD_TYPE_BYTES] = { 17 },                /* bytea */
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

/* Integers of the wire: the highest byte first. */
static int64_t int_read(struct str s)
{
	/* Of its own width, so that it keeps its sign. */
	uint64_t v = s.n && (s.p[0] & 0x80) ? UINT64_MAX : 0;

	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | (unsigned char)s.p[i];
	return (int64_t)v;
}

/* Microseconds since 2000.  Infinity and what has no year of four digits cannot be told. */
static bool time_read(struct str s, int64_t *ret_us)
{
	int64_t us = int_read(s);

	if (us < FIRST_US - EPOCH_US || us >= END_US - EPOCH_US)
		return false;
	*ret_us = us + EPOCH_US;
	return true;
}

/* jsonb says its version first. */
static bool json_read(struct str s, Oid type, struct arena *arena, const char **ret)
{
	if (type == OID_JSONB) {
		if (s.n == 0 || s.p[0] != JSONB_VERSION)
			return false;
		s.p++;
		s.n--;
	}
	*ret = arena_strndup(arena, s.p, s.n);
	return true;
}

static bool value_read(
	const struct field *f, struct str s, Oid type, struct arena *arena, void *row)
{
	void *member = field_member(f, row);

	switch (f->type) {
	case FIELD_TYPE_INT:
		*(int64_t *)member = int_read(s);
		return true;
	case FIELD_TYPE_BOOL:
		*(bool *)member = s.p[0];
		return true;
	case FIELD_TYPE_TRI:
		*(enum tri *)member = s.p[0] ? TRI_TRUE : TRI_FALSE;
		return true;
	case FIELD_TYPE_TIME:
	case FIELD_TYPE_STAMP:
		return time_read(s, member);
	case FIELD_TYPE_BYTES:
		*(struct str *)member = (struct str){ arena_strndup(arena, s.p, s.n), s.n };
		return true;
	case FIELD_TYPE_JSON:
	case FIELD_TYPE_DICT:
		return json_read(s, type, arena, member);
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
		if (!PQgetisnull(result, i, column) &&
			!value_read(f, s, PQftype(result, column), arena, ret_row)) {
			log_error("column %s holds a value that cannot be represented", f->name);
			return ERR_INTERNAL;
		}
		column++;
	}
	return ERR_OK;
}
