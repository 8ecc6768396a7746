/*
 * A value held against its field row: limits, the only values, control characters, the row's own check.
 *
 * The same for requests and for commands; how a value was read, and whether one was given, is for the
 * reader to know.
 */
#ifndef DIALTONE_BASE_FIELD_CHECK_H
#define DIALTONE_BASE_FIELD_CHECK_H

#include <stdbool.h>

#include "base/field.h"
#include "base/field_errors.h"

/* Valid UTF-8. Adds all that is wrong under this name; true when nothing is. The row's own check is not
 * asked about a text that is too long or empty. */
bool field_check_text(
	const struct field *f, const char *name, struct str s, struct field_errors *errors);
bool field_check_int(
	const struct field *f, const char *name, int64_t v, struct field_errors *errors);

#endif
