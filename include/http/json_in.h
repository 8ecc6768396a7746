/*
 * JSON text to a json-c tree that dies with the arena.
 *
 * Everything passes json_scan() first.  The other way out is base/json_writer.h.
 */
#ifndef DIALTONE_HTTP_JSON_IN_H
#define DIALTONE_HTTP_JSON_IN_H

#include "base/arena.h"
#include "base/err.h"
#include "http/json_scan.h"

struct json_object; /* json-c */

/* The top level must be an object.  ERR_BAD_JSON, and then *ret_fault says where and why. */
enum err json_in_object(struct arena *a, struct str text, struct json_object **ret,
	struct json_fault *ret_fault) MUST_CHECK;

#endif
