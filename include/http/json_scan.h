/*
 * The strict gate in front of json-c: is this text one RFC 8259 value within our limits?
 *
 * json-c's strict mode lets NaN, single quotes, raw control characters, overlong UTF-8, clamped
 * integers and names cut at a NUL pass, and builds a large tree for a small text (stack-notes 4).
 * What passes here, json-c reads the same way.  One pass, no allocation, no recursion.
 *
 * Duplicate members are allowed, the last one wins (cti-api 1.0).  It builds nothing: see json_in.h.
 */
#ifndef DIALTONE_HTTP_JSON_SCAN_H
#define DIALTONE_HTTP_JSON_SCAN_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

#define JSON_DEPTH_MAX  32         /* arrays and objects inside one another */
#define JSON_NODES_MAX  2000       /* values, containers counted */
#define JSON_NAME_MAX   4096       /* bytes of a member's name, as written */
#define JSON_STRING_MAX (1u << 20) /* bytes of a string, as written */
#define JSON_NUMBER_MAX 128        /* bytes of a number */

/* Why a text was refused. */
struct json_fault {
	size_t at;          /* byte offset */
	const char *reason; /* short, lower-case, static: "trailing comma" */
};

/* ERR_BAD_JSON, and then *ret_fault says where and why; untouched otherwise. */
enum err json_scan(struct str text, struct json_fault *ret_fault) MUST_CHECK;

#endif
