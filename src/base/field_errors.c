#include "base/field_errors.h"

#include <string.h>

void field_errors_init(struct field_errors *e, struct arena *a)
{
	*e = (struct field_errors){ .arena = a };
}

static bool is_known(const struct field_errors *e, const char *name, const struct text *text)
{
	for (const struct field_error *it = e->first; it; it = it->next)
		if (it->text == text && strcmp(it->name, name) == 0)
			return true;
	return false;
}

bool field_errors_has(const struct field_errors *e, const char *name)
{
	for (const struct field_error *it = e->first; it; it = it->next)
		if (strcmp(it->name, name) == 0)
			return true;
	return false;
}

static void add(struct field_errors *e, struct field_error error)
{
	if (is_known(e, error.name, error.text))
		return;
	struct field_error *new = arena_alloc(e->arena, sizeof(*new));

	*new = error;
	if (e->last)
		e->last->next = new;
	else
		e->first = new;
	e->last = new;
	e->count++;
}

void field_errors_add(struct field_errors *e, const char *name, const struct text *text)
{
	add(e, (struct field_error){ .name = name, .text = text });
}

void field_errors_add_limit(
	struct field_errors *e, const char *name, const struct text *text, int64_t n)
{
	add(e, (struct field_error){ .name = name, .text = text, .n = n });
}

void field_errors_add_values(struct field_errors *e, const char *name, const struct text *text,
	const char *const *values)
{
	add(e, (struct field_error){ .name = name, .text = text, .values = values });
}
