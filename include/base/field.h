/*
 * The description of a struct's members, written once.
 *
 * The same rows drive JSON → struct (with limits and checks), struct → JSON, database row → struct
 * and the OpenAPI schema.  The macros let the compiler compare the member's type with the declared
 * one, so a row cannot lie about its struct.
 *
 *   struct account_new { const char *username, *password; enum tri activated; };
 *   static const struct field account_new_fields[] = {
 *           FIELD_TEXT(account_new, username, .flags = FIELD_REQUIRED, .max = 64, .check = ...),
 *           FIELD_TRI (account_new, activated, .doc = "May register and log in"),
 *           FIELDS_END
 *   };
 */
#ifndef DIALTONE_BASE_FIELD_H
#define DIALTONE_BASE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/text.h"

/* A boolean that may not have been given: "absent" and "false" differ in a PUT. */
enum tri { TRI_UNSET, TRI_FALSE, TRI_TRUE };

enum field_type {
	FIELD_TYPE_END,
	FIELD_TYPE_TEXT, /* const char *, NULL is null */
	FIELD_TYPE_INT,  /* int64_t */
	FIELD_TYPE_BOOL, /* bool */
	FIELD_TYPE_TRI,  /* enum tri, TRI_UNSET is null */
	FIELD_TYPE_TIME, /* int64_t microseconds since the epoch, 0 is null; JSON "…T…000000Z", read in
	                    every form of base/iso8601.h */
	FIELD_TYPE_STAMP, /* the same, JSON "YYYY-MM-DD HH:MM:SS" (the V22 form) */
	FIELD_TYPE_JSON,  /* const char * holding a JSON document, NULL is null */
	FIELD_TYPE_DICT,  /* const char * holding a JSON object of string values */
	FIELD_TYPE_GROUP, /* input: an object whose `members` are the struct's own */
	FIELD_TYPE_BYTES  /* struct str, database only */
};

enum field_flag {
	FIELD_REQUIRED = 1 << 0, /* null and empty are refused */
	FIELD_SECRET = 1 << 1,   /* never in a log, an error body or --print-config */
	FIELD_RAW = 1 << 2, /* a password: not trimmed on the way in, and in NFC (base/nfc.h) */
	FIELD_INTERNAL = 1 << 3,  /* in the struct and the row, never in JSON */
	FIELD_ALIAS = 1 << 4,     /* older name of the field before it, same member */
	FIELD_OMIT_NULL = 1 << 5, /* left out of the JSON instead of null */
	FIELD_COMPUTED = 1 << 6,  /* in the struct and the JSON, not a column of the row */
	FIELD_DIGITS = 1 << 7,    /* text: clients send a number too, and may read that they may */
	/* In the database, where the row is a value of a statement (pg/pg.h). */
	FIELD_KEY = 1 << 8,        /* says which row: never assigned by {set} */
	FIELD_KEEP = 1 << 9,       /* null keeps what is there; so does a TRI that is unset */
	FIELD_ZERO_NULL = 1 << 10, /* integer: 0 is null */
	FIELD_DOMAIN = 1 << 11, /* text: a domain or host, taken in any case (base/sip_address.h) */
	FIELD_LINES = 1 << 12,  /* text: it may have several lines, and tabs */
	FIELD_FROM_ZERO = 1 << 13, /* integer: not below 0, which `min` cannot say */
	FIELD_NULLABLE = 1 << 14,  /* integer: 0 is null in JSON */
	FIELD_NFC = 1 << 15, /* text: a user name, in NFC before anything is checked (base/nfc.h) */
	FIELD_NULL = 1 << 16 /* JSON: null is a value, "null", and not as if it were absent */
};

/* Who reads an object; a field with `readers` is left out for all others. */
enum field_reader {
	READER_ANY = 0,
	READER_SELF = 1 << 0,  /* the account it is about */
	READER_ADMIN = 1 << 1, /* an administrator, as the answer to a change or a search */
	READER_SHOW = 1 << 2,  /* an administrator looking at one */
	READER_LIST = 1 << 3   /* an administrator looking at many */
};

enum field_in {
	FIELD_IN_BODY,
	FIELD_IN_PATH,
	FIELD_IN_QUERY,
	FIELD_IN_WHOLE /* the whole JSON object of the body */
};

/* A rule beyond type and length. Returns NULL, or the text that says what is wrong. */
typedef const struct text *(*field_check_fn)(struct str value);

struct shape;

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	unsigned flags;   /* enum field_flag */
	unsigned readers; /* enum field_reader, 0 = all */
	enum field_in in;
	int64_t min, max;            /* characters of a text, value of an integer; 0 = none */
	const char *const *one_of;   /* the only values, NULL-terminated */
	field_check_fn check;        /* texts only, after the limits */
	const struct shape *items;   /* JSON: it is an array of these */
	const struct shape *object;  /* JSON: it is one of these */
	const char *schema;          /* JSON: of what no struct describes (base/json_schema.h) */
	const struct field *members; /* of a group; their names in errors are "group.member" */
	const char *doc;
	const char *example;
	/* Where it is not the name: a column, or an expression, which is read only. */
	const char *column;
};

/* Characters of a name and a value of a dictionary. */
#define DICT_NAME_MAX  255
#define DICT_VALUE_MAX 4096

/* Sets of fields have a name of their own: the OpenAPI component. */
struct shape {
	const char *name;
	const struct field *fields;
	size_t size; /* of the struct */
};

#define FIELD_IS(st, member, ctype)                                                   \
	offsetof(struct st, member) +                                                 \
		0 * sizeof(char[_Generic(((struct st *)0)->member, ctype : 1, default \
					 : -1)])

/* FIELD_x names the field after the member; FIELD_x_AS gives it a name of its own. */
#define FIELD_TEXT_AS(st, m, as, ...)                                                         \
	{                                                                                     \
		.name = as, .type = FIELD_TYPE_TEXT, .offset = FIELD_IS(st, m, const char *), \
		__VA_ARGS__                                                                   \
	}
#define FIELD_INT_AS(st, m, as, ...)                                                    \
	{                                                                               \
		.name = as, .type = FIELD_TYPE_INT, .offset = FIELD_IS(st, m, int64_t), \
		__VA_ARGS__                                                             \
	}
#define FIELD_BOOL_AS(st, m, as, ...)                                                             \
	{                                                                                         \
		.name = as, .type = FIELD_TYPE_BOOL, .offset = FIELD_IS(st, m, bool), __VA_ARGS__ \
	}
#define FIELD_TRI_AS(st, m, as, ...)                                                     \
	{                                                                                \
		.name = as, .type = FIELD_TYPE_TRI, .offset = FIELD_IS(st, m, enum tri), \
		__VA_ARGS__                                                              \
	}
#define FIELD_TIME_AS(st, m, as, ...)                                                    \
	{                                                                                \
		.name = as, .type = FIELD_TYPE_TIME, .offset = FIELD_IS(st, m, int64_t), \
		__VA_ARGS__                                                              \
	}
#define FIELD_STAMP_AS(st, m, as, ...)                                                    \
	{                                                                                 \
		.name = as, .type = FIELD_TYPE_STAMP, .offset = FIELD_IS(st, m, int64_t), \
		__VA_ARGS__                                                               \
	}
#define FIELD_JSON_AS(st, m, as, ...)                                                         \
	{                                                                                     \
		.name = as, .type = FIELD_TYPE_JSON, .offset = FIELD_IS(st, m, const char *), \
		__VA_ARGS__                                                                   \
	}
#define FIELD_DICT_AS(st, m, as, ...)                                                         \
	{                                                                                     \
		.name = as, .type = FIELD_TYPE_DICT, .offset = FIELD_IS(st, m, const char *), \
		__VA_ARGS__                                                                   \
	}
#define FIELD_BYTES_AS(st, m, as, ...)                                                       \
	{                                                                                    \
		.name = as, .type = FIELD_TYPE_BYTES, .offset = FIELD_IS(st, m, struct str), \
		__VA_ARGS__                                                                  \
	}
#define FIELD_GROUP(as, table, ...)                                                 \
	{                                                                           \
		.name = as, .type = FIELD_TYPE_GROUP, .members = table, __VA_ARGS__ \
	}
#define FIELD_TEXT(st, m, ...)  FIELD_TEXT_AS(st, m, #m, __VA_ARGS__)
#define FIELD_INT(st, m, ...)   FIELD_INT_AS(st, m, #m, __VA_ARGS__)
#define FIELD_BOOL(st, m, ...)  FIELD_BOOL_AS(st, m, #m, __VA_ARGS__)
#define FIELD_TRI(st, m, ...)   FIELD_TRI_AS(st, m, #m, __VA_ARGS__)
#define FIELD_TIME(st, m, ...)  FIELD_TIME_AS(st, m, #m, __VA_ARGS__)
#define FIELD_STAMP(st, m, ...) FIELD_STAMP_AS(st, m, #m, __VA_ARGS__)
#define FIELD_JSON(st, m, ...)  FIELD_JSON_AS(st, m, #m, __VA_ARGS__)
#define FIELD_DICT(st, m, ...)  FIELD_DICT_AS(st, m, #m, __VA_ARGS__)
#define FIELD_BYTES(st, m, ...) FIELD_BYTES_AS(st, m, #m, __VA_ARGS__)
#define FIELDS_END                     \
	{                              \
		.type = FIELD_TYPE_END \
	}
#define FIELD_FOR_EACH(it, table) for (const struct field *it = (table); it->type; it++)

/* The member a row describes. */
static inline void *field_member(const struct field *f, void *object)
{
	return (char *)object + f->offset;
}

static inline const void *field_value(const struct field *f, const void *object)
{
	return (const char *)object + f->offset;
}

#endif
