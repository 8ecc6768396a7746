/*
 * JSON looked into where it lies: slices of the original text.
 *
 * No tree is built and nothing is copied, so an argument can be handed on byte for byte as the
 * client wrote it.  All but json_slice_is_valid() expect a value that has passed it: they look for
 * its ends only, and of anything else they make nonsense, though never beyond its bounds.
 */
#ifndef DIALTONE_BASE_JSON_SLICE_H
#define DIALTONE_BASE_JSON_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum json_kind {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

/* Whether the text is exactly one value, without white space around it: the grammar and the depth of
 * json_scan.h, without limits. */
bool json_slice_is_valid(struct str text);

enum json_kind json_slice_kind(struct str value);

/* Walks an array or an object: start with *rest = the value, false at the end. ret_key is the key
 * with its quotes, and empty in an array; it may be NULL. */
bool json_slice_next(struct str *rest, struct str *ret_key, struct str *ret_value);
/* The values of an array. */
size_t json_slice_count(struct str array);
/* The last member of that name (of a repeated one the last counts); false when there is none or the
 * value is no object. */
bool json_slice_member(struct str object, const char *name, struct str *ret_value);

/* A string, unescaped to UTF-8 into out (cap bytes, NUL included). False when the value is no
 * string, does not fit, or holds U+0000 or half a surrogate pair. */
bool json_slice_text(struct str value, char *out, size_t cap, size_t *ret_n);
/* A whole number from 0 to max. */
bool json_slice_uint(struct str value, uint64_t max, uint64_t *ret);

#endif
