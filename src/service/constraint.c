#include "service/constraint.h"

#include <string.h>

#include "pg/pg.h"

bool constraint_is(const struct service *s, const char *constraint)
{
	return strcmp(pg_constraint(s->pg), constraint) == 0;
}

enum err as_field(struct service *s, enum err e, const struct constraint_text *rules)
{
	if (e != ERR_CONFLICT && e != ERR_INVALID)
		return e;
	for (; rules->constraint; rules++)
		if (constraint_is(s, rules->constraint)) {
			field_errors_add(s->errors, rules->field, rules->text);
			return ERR_INVALID;
		}
	return e;
}
