#include "service/constraint.h"

#include <string.h>

#include "pg/pg.h"

enum err as_field(struct service *s, enum err e, const struct constraint_text *rules)
{
	if (e != ERR_CONFLICT && e != ERR_INVALID)
		return e;
	for (; rules->constraint; rules++)
		if (strcmp(pg_constraint(s->pg), rules->constraint) == 0) {
			field_errors_add(s->errors, rules->field, rules->text);
			return ERR_INVALID;
		}
	return e;
}
