/*
 * A JSON object into a struct, as the field rows say: the way back of json_fields() in json_writer.h.
 *
 * It is not the reader of requests, which is http/bind.h: only an object within another one is checked
 * here as a client's.
 */
#ifndef DIALTONE_BASE_JSON_FIELDS_H
#define DIALTONE_BASE_JSON_FIELDS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"
#include "base/field_errors.h"

/* For objects that our own programs and database wrote: no limits, no checks, no word about which member
 * was wrong.  Fills *ret, which is zero before. Members that are missing or null leave theirs zero, those without a
 * row are passed over; texts live in the arena. False: it is no JSON object, or a member is of another
 * type than its row. */
MUST_CHECK bool json_fields_read(
	const struct field *fields, struct str object, struct arena *arena, void *ret);

/* For one that a client sent as the member `prefix`: texts, integers and switches, by the rules of
 * http/bind.h; all that is wrong is added under "prefix.member", and texts with it live in the arena.
 * Members that are missing, null or empty leave theirs as they are. */
MUST_CHECK bool json_fields_bind(const struct field *fields, const char *prefix, struct str object,
	struct arena *arena, struct field_errors *errors, void *ret);

#endif
