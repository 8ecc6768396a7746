/* A row for tests that need some: a number and a name, in the table `thing`. */
#ifndef DIALTONE_TESTS_STORE_THING_H
#define DIALTONE_TESTS_STORE_THING_H

#include "base/field.h"
#include "pg/pg.h"

struct thing {
	int64_t id;
	const char *name;
};

static const struct field thing_fields[] = {
	FIELD_INT(thing, id),
	FIELD_TEXT(thing, name),
	FIELDS_END,
};

#define THING_ROW .row = thing_fields, .row_size = sizeof(struct thing)
/* By its name: none or one. */
#define THING_CALLED                                          \
	.params = { PG_TEXT }, THING_ROW, .rows = PG_MAY_ONE, \
	.sql = "SELECT id, name FROM thing WHERE name = $1"

#endif
