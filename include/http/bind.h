/*
 * From named values to a checked struct, by the rows of base/field.h.
 *
 *   struct account_new in = { 0 };
 *   e = bind_fields(account_new_fields, &params, &errors, &in);
 *
 * Absent, null and (after trimming, unless FIELD_RAW) the empty text are the same: the member stays
 * as it was, so defaults are set before; FIELD_REQUIRED refuses it.  Rules by type:
 *
 *   TEXT   string; min/max in characters, one_of, check; no control characters; no JSON number
 *   INT    whole number, or its decimal digits as text; min/max are values
 *   BOOL   true false 1 0 "1" "0"; in a query or form also the words (accounts-api 1.3)
 *   TRI    the same
 *   STAMP  "YYYY-MM-DD HH:MM:SS", UTC
 *   TIME   ISO 8601 in any form of base/iso8601.h
 *   GROUP  object, its members by their own rows; errors name them "group.member"
 *   DICT   object of strings: name 1 to 255, value to 4096 characters; kept as compact JSON in the
 *          order given
 *   JSON   any value, kept as compact JSON; FIELD_IN_WHOLE: the body itself
 *
 * A FIELD_ALIAS row is read by the rules of the row it follows, when that one has no value; errors
 * carry the name the client used.
 *
 * It knows fields, not rules between fields: those are the domain's.
 */
#ifndef DIALTONE_HTTP_BIND_H
#define DIALTONE_HTTP_BIND_H

#include "base/err.h"
#include "base/field.h"
#include "base/field_errors.h"
#include "http/params.h"

/* Every bad field is added to errors, in the order of the rows.  ERR_INVALID when there was one;
 * ERR_NOT_FOUND when a path value is not acceptable: no such thing can exist (accounts-api 1.1).
 * Texts live in the arena of the params. Members of bad fields are untouched. */
enum err bind_fields(const struct field *fields, const struct params *params,
	struct field_errors *errors, void *object) MUST_CHECK;

#endif
