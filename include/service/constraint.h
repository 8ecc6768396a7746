/*
 * What the database refused, told as the field it is about.  A check made beforehand may have been
 * overtaken by another request: the constraint has the last word.
 */
#ifndef DIALTONE_SERVICE_CONSTRAINT_H
#define DIALTONE_SERVICE_CONSTRAINT_H

#include "service/service.h"

struct constraint_text {
	const char *constraint, *field;
	const struct text *text;
};

/* e is what a store function answered.  ERR_INVALID, with the field in s->errors, when the violated
 * constraint is one of `rules` (ended by a row without a name); else e. */
MUST_CHECK enum err as_field(struct service *s, enum err e, const struct constraint_text *rules);

/* True when this one was violated; after ERR_CONFLICT or ERR_INVALID of a store. */
bool constraint_is(const struct service *s, const char *constraint);

#endif
