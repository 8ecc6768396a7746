/*
 * One setting, declared once: name, type, bounds, default, who may see it, one line of help.
 *
 * From the rows come reading (file, environment, command line), the texts of mistakes, --help,
 * --print-config, reloading and the example file.  The macros let the compiler compare the member's
 * type with the declared one.
 *
 *   struct api_settings { int64_t workers; };
 *   SETTING_INT(api_settings, workers, .def = "4", .min = 1, .max = 256, .flags = SETTING_RELOADABLE,
 *           .help = "Worker processes")
 *
 * SETTING_x_IN fills a member of a part: SETTING_INT_IN(api_settings, rules, session_days, ...) is
 * rules.session_days, called session_days in the file.
 *
 * It knows nothing of where a value came from: that is conf.h.
 */
#ifndef DIALTONE_CONF_SETTING_H
#define DIALTONE_CONF_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/field.h"
#include "base/str.h"

#define SETTING_TEXT_MAX 4096 /* bytes of a text whose row names no maximum */

enum setting_type {
	SETTING_TYPE_END,
	SETTING_TYPE_TEXT,   /* const char *, never NULL */
	SETTING_TYPE_PATH,   /* const char *, absolute, "" when there is none */
	SETTING_TYPE_LIST,   /* const char *, words joined by single commas: str_list_has() */
	SETTING_TYPE_INT,    /* int64_t, not negative */
	SETTING_TYPE_MODE,   /* int64_t, file permissions written in octal */
	SETTING_TYPE_BOOL,   /* bool */
	SETTING_TYPE_CHOICE, /* unsigned, which word of one_of */
	SETTING_TYPE_SET,    /* unsigned, written like a LIST: bit i is the i-th word of one_of */
	SETTING_TYPE_DATE    /* int64_t, microseconds at 00:00 UTC of a day written 2026-06-01 */
};

enum setting_flag {
	SETTING_RELOADABLE = 1 << 0, /* SIGHUP changes it */
	SETTING_SECRET = 1 << 1,     /* masked where printed, refused on the command line */
	SETTING_REQUIRED = 1 << 2    /* empty is refused */
};

typedef bool (*setting_check_fn)(struct str value);

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset;
	unsigned flags;            /* enum setting_flag */
	int64_t min, max;          /* value of an INT, bytes of a TEXT */
	const char *def;           /* written as in the file; NULL is empty */
	const char *const *one_of; /* the only values (of LIST and SET: words), NULL-terminated */
	setting_check_fn check;    /* asked about values that are not empty */
	const char *must_be;       /* what check asks for, to follow "must be" */
	const char *help;          /* one sentence */
};

/* The settings of one program (or those all share), and their section in the file. */
struct settings_table {
	const char *section;
	const struct setting *rows;
	size_t size; /* of the struct */
	const char *help;
};

#define SETTING_ROW_AS(st, m, as, kind, ctype, ...)                                        \
	{                                                                                  \
		.name = as, .type = SETTING_TYPE_##kind, .offset = FIELD_IS(st, m, ctype), \
		__VA_ARGS__                                                                \
	}
#define SETTING_ROW(st, m, kind, ctype, ...) SETTING_ROW_AS(st, m, #m, kind, ctype, __VA_ARGS__)
#define SETTING_TEXT(st, m, ...)             SETTING_ROW(st, m, TEXT, const char *, __VA_ARGS__)
#define SETTING_PATH(st, m, ...)             SETTING_ROW(st, m, PATH, const char *, __VA_ARGS__)
#define SETTING_LIST(st, m, ...)             SETTING_ROW(st, m, LIST, const char *, __VA_ARGS__)
#define SETTING_INT(st, m, ...)              SETTING_ROW(st, m, INT, int64_t, __VA_ARGS__)
#define SETTING_MODE(st, m, ...)             SETTING_ROW(st, m, MODE, int64_t, __VA_ARGS__)
#define SETTING_BOOL(st, m, ...)             SETTING_ROW(st, m, BOOL, bool, __VA_ARGS__)
#define SETTING_SET(st, m, ...)              SETTING_ROW(st, m, SET, unsigned, __VA_ARGS__)
#define SETTING_DATE(st, m, ...)             SETTING_ROW(st, m, DATE, int64_t, __VA_ARGS__)
#define SETTING_INT_AS(st, m, as, ...)       SETTING_ROW_AS(st, m, as, INT, int64_t, __VA_ARGS__)
#define SETTING_CHOICE_AS(st, m, as, ...)    SETTING_ROW_AS(st, m, as, CHOICE, unsigned, __VA_ARGS__)
#define SETTING_TEXT_IN(st, part, m, ...) \
	SETTING_ROW_AS(st, part.m, #m, TEXT, const char *, __VA_ARGS__)
#define SETTING_PATH_IN(st, part, m, ...) \
	SETTING_ROW_AS(st, part.m, #m, PATH, const char *, __VA_ARGS__)
#define SETTING_TEXT_AS(st, m, as, ...) SETTING_ROW_AS(st, m, as, TEXT, const char *, __VA_ARGS__)
#define SETTING_PATH_AS(st, m, as, ...) SETTING_ROW_AS(st, m, as, PATH, const char *, __VA_ARGS__)
#define SETTING_LIST_AS(st, m, as, ...) SETTING_ROW_AS(st, m, as, LIST, const char *, __VA_ARGS__)
#define SETTING_LIST_IN(st, part, m, ...) \
	SETTING_ROW_AS(st, part.m, #m, LIST, const char *, __VA_ARGS__)
#define SETTING_INT_IN(st, part, m, ...)  SETTING_ROW_AS(st, part.m, #m, INT, int64_t, __VA_ARGS__)
#define SETTING_BOOL_IN(st, part, m, ...) SETTING_ROW_AS(st, part.m, #m, BOOL, bool, __VA_ARGS__)
#define SETTING_SET_IN(st, part, m, ...)  SETTING_ROW_AS(st, part.m, #m, SET, unsigned, __VA_ARGS__)
#define SETTING_CHOICE_IN(st, part, m, ...) \
	SETTING_ROW_AS(st, part.m, #m, CHOICE, unsigned, __VA_ARGS__)
#define SETTING_DATE_IN(st, part, m, ...) SETTING_ROW_AS(st, part.m, #m, DATE, int64_t, __VA_ARGS__)
#define SETTINGS_END                     \
	{                                \
		.type = SETTING_TYPE_END \
	}
#define SETTING_FOR_EACH(it, table) for (const struct setting *it = (table)->rows; it->type; it++)

/* Checks text and stores its value in the object; texts are copied into the arena. False, and the
 * object untouched, when it is not acceptable. */
bool setting_read(const struct setting *row, struct str text, struct arena *arena, void *object);
/* Stores the default, which has to be acceptable. */
void setting_read_default(const struct setting *row, struct arena *arena, void *object);
/* The value as text for the file, secrets too. */
void setting_write(const struct setting *row, const void *object, struct buf *out);
bool setting_is_equal(const struct setting *row, const void *a, const void *b);
/* Copies the value between objects of the same table; texts go to the arena of `to`. */
void setting_copy(const struct setting *row, struct arena *arena, void *to, const void *from);
/* What a value has to be, to follow "must be": "a whole number from 1 to 256". */
void setting_write_rule(const struct setting *row, struct buf *out);

#endif
