/*
 * A JSON object into a struct, as the field rows say: the way back of json_fields() in json_writer.h,
 * for objects that our own programs and database wrote.
 *
 * It is not the reader of requests: no limits, no checks, no word about which member was wrong.
 */
#ifndef DIALTONE_BASE_JSON_FIELDS_H
#define DIALTONE_BASE_JSON_FIELDS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"

/* Fills *ret, which is zero before. Members that are missing or null leave theirs zero, those without a
 * row are passed over; texts live in the arena. False: it is no JSON object, or a member is of another
 * type than its row. */
MUST_CHECK bool json_fields_read(
	const struct field *fields, struct str object, struct arena *arena, void *ret);

#endif
