/*
 * What is wrong with the fields of a request: all of it, in the order it was found.
 *
 * Binding fills it, a handler may add what only the rules or the database know (TAKEN, UNKNOWN).
 * Errors are facts here (name, text, limit); they become sentences in http/error_reply.
 */
#ifndef DIALTONE_BASE_FIELD_ERRORS_H
#define DIALTONE_BASE_FIELD_ERRORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

struct field_error {
	struct field_error *next;
	const char *name; /* JSON name; dots for nested ones */
	const struct text *text;
	int64_t n;                 /* the limit, for texts with {n} */
	const char *const *values; /* for texts with {values}, else NULL */
};

struct field_errors {
	struct arena *arena;
	struct field_error *first, *last;
	size_t count;
};

void field_errors_init(struct field_errors *e, struct arena *a);
/* Whether something is wrong with this field. */
bool field_errors_has(const struct field_errors *e, const char *name);
/* Names and values are borrowed.  The same text for the same field is kept once. */
void field_errors_add(struct field_errors *e, const char *name, const struct text *text);
void field_errors_add_limit(
	struct field_errors *e, const char *name, const struct text *text, int64_t n);
void field_errors_add_values(struct field_errors *e, const char *name, const struct text *text,
	const char *const *values);

#endif
