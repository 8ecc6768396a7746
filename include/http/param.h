/*
 * One named value of a request, and how it is read as each type (accounts-api 1.3).
 *
 * A text came from the path, the query string or a form; a JSON value came from a JSON body and
 * keeps its type.  Only what a value *is* is decided here; what is allowed is http/bind's business.
 */
#ifndef DIALTONE_HTTP_PARAM_H
#define DIALTONE_HTTP_PARAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/field.h"
#include "base/str.h"

struct json_object; /* json-c */

struct param {
	struct str name;
	enum field_in in;
	bool is_json;
	struct str text;          /* when !is_json */
	struct json_object *json; /* when is_json; NULL is null */
};

/* All of these expect a value that is not null. */

/* A text or a JSON string, untrimmed; a JSON string may hold NULs. */
bool param_text(const struct param *p, struct str *ret);
/* A JSON integer, or decimal digits with an optional '-' as text. */
bool param_int(const struct param *p, int64_t *ret);
/* true false 1 0 "1" "0"; the words only outside JSON. TRI_UNSET when it is none of them. */
enum tri param_tri(const struct param *p);
/* "YYYY-MM-DD HH:MM:SS" in UTC. */
bool param_stamp(const struct param *p, int64_t *ret_us);
/* Any form of base/iso8601.h; not the epoch itself, which a field has for null. */
bool param_instant(const struct param *p, int64_t *ret_us);
/*
 * An object of short strings (DICT_NAME_MAX, DICT_VALUE_MAX characters), trimmed, as compact JSON. [] is an empty one:
 * PHP writes its empty arrays so, whatever they were read from, and so did the account manager of 2024.
 */
bool param_dict(const struct param *p, struct arena *a, const char **ret);
/* Any JSON value without a NUL in its strings (PostgreSQL stores none), as compact JSON. */
bool param_json(const struct param *p, struct arena *a, const char **ret);

#endif
