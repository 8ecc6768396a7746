#include "arguments.h"

#include "base/json_slice.h"

static size_t count_members(struct str object)
{
	struct str rest = object, value;
	size_t n = 0;

	while (json_slice_next(&rest, NULL, &value))
		n++;
	return n;
}

bool arguments_object(struct str args, size_t max_members, struct arena *arena, struct str *ret)
{
	char *array = arena_printf(arena, "[%.*s]", (int)args.n, args.p ? args.p : "");
	struct str rest = str_from(array);

	return json_slice_next(&rest, NULL, ret) && json_slice_kind(*ret) == JSON_OBJECT &&
	       count_members(*ret) <= max_members;
}

bool arguments_text(
	struct str object, const char *member, struct arena *arena, size_t max, struct str *ret)
{
	struct str value;
	size_t cap;
	char *text;

	if (!json_slice_member(object, member, &value))
		return false;
	/* Unescaping makes nothing longer. */
	cap = (value.n < max ? value.n : max) + 1;
	text = arena_alloc(arena, cap);
	ret->p = text;
	return json_slice_text(value, text, cap, &ret->n);
}
