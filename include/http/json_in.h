/*
 * JSON text to a json-c tree that dies with the arena.
 *
 * json-c's strict mode lets NaN, single quotes, raw control characters, overlong UTF-8, clamped
 * integers and names cut at a NUL pass, and builds a large tree for a small text (stack-notes 4): so
 * everything passes json_scan() first, and what passes there, json-c reads the same way.  The way out
 * is base/json_writer.h.
 */
#ifndef DIALTONE_HTTP_JSON_IN_H
#define DIALTONE_HTTP_JSON_IN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json_scan.h"

struct json_object; /* json-c */

/* What a body may hold; how large it may be is its row's business (http/endpoint.h). */
extern const struct json_limits json_in_limits;

/* The top level must be an object.  ERR_BAD_JSON, and then *ret_fault says where and why. */
enum err json_in_object(struct arena *a, struct str text, struct json_object **ret,
	struct json_fault *ret_fault) MUST_CHECK;

#endif
