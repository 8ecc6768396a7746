/*
 * Is this text one JSON value (RFC 8259)?  One pass, no allocation, no recursion.
 *
 * With limits it is the strict gate for text of clients that is turned into values afterwards:
 * beside the grammar it then wants UTF-8, surrogates in pairs, no NUL in a name, integers that are
 * int64 and other numbers that are finite doubles.  Without limits it is the grammar alone, for text
 * that is handed on as it was written: what a lone surrogate escape means is then the reader's
 * business, and UTF-8 that of the transport.
 *
 * Nesting is bounded either way.  Of members with the same name the last one counts (cti-api 1.0), so
 * they are no fault.  It builds nothing: json_slice.h looks into a value where it lies.
 */
#ifndef DIALTONE_BASE_JSON_SCAN_H
#define DIALTONE_BASE_JSON_SCAN_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

#define JSON_DEPTH_MAX  32  /* arrays and objects inside one another */
#define JSON_NUMBER_MAX 128 /* bytes of a number, where there are limits */

struct json_limits {
	size_t values;       /* containers counted */
	size_t name_bytes;   /* of a member's name, as written */
	size_t string_bytes; /* of any other string, as written */
};

/* Why a text was refused. */
struct json_fault {
	size_t at;          /* byte offset */
	const char *reason; /* short, lower-case, static: "trailing comma" */
};

/* White space around the value is allowed.  limits may be NULL.  ERR_BAD_JSON, and then *ret_fault
 * says where and why; untouched otherwise. */
enum err json_scan(
	struct str text, const struct json_limits *limits, struct json_fault *ret_fault) MUST_CHECK;

#endif
