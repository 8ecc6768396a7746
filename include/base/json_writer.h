/*
 * JSON out, streaming: commas and escapes are the writer's business, structure is the caller's.
 *
 *   json_object_begin(w); json_key(w, "id"); json_int(w, 42); json_object_end(w);
 *
 * It writes into a bounded buffer; whether all of it fitted is asked once at the end (buf.overflow).
 * Text must be valid UTF-8 (ours is: the edge and the database see to it).
 */
#ifndef DIALTONE_BASE_JSON_WRITER_H
#define DIALTONE_BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/field.h"

struct json_writer {
	struct buf *out;
	bool comma; /* something stands before the next value at this level */
};

/* out is kept; it is not cleared. */
void json_writer_init(struct json_writer *w, struct buf *out);

void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
void json_key(struct json_writer *w, const char *name);
/* A member that is a text; NULL becomes null. */
void json_pair(struct json_writer *w, const char *name, const char *value);

void json_str(struct json_writer *w, struct str s);
/* NULL becomes null. */
void json_text(struct json_writer *w, const char *s);
void json_int(struct json_writer *w, int64_t v);
void json_flag(struct json_writer *w, bool v);
void json_null(struct json_writer *w);
/* A finished JSON value, copied as it is; NULL becomes null. */
void json_raw(struct json_writer *w, const char *json);

/* Members of `object` as the rows say, between begin and end written by the caller; fields not meant
 * for this reader are left out. */
void json_fields(struct json_writer *w, const struct field *fields, const void *object,
	enum field_reader reader);

/* The whole object as text in the arena; NULL when it is longer than max. */
const char *json_fields_text(struct arena *arena, const struct field *fields, const void *object,
	enum field_reader reader, size_t max);

#endif
