#include "http/endpoint.h"

const char *auth_level_name(enum auth_level a)
{
	static const char *const names[AUTH_COUNT] = { "unset", "public", "user", "admin", "super",
		"internal" };

	return names[a];
}

enum result endpoint_result(const struct endpoint *e)
{
	if (e->result != RESULT_UNSET)
		return e->result;
	return e->out ? RESULT_OBJECT : RESULT_NOTHING;
}

bool endpoint_changes(const struct endpoint *e)
{
	return e->method != METHOD_GET || e->flags & (ROW_SIDE_EFFECT | ROW_ONCE);
}

bool endpoint_leaves_trail(const struct endpoint *e)
{
	return endpoint_changes(e) && !e->untold;
}

static bool has_secret(const struct field *fields)
{
	for (const struct field *f = fields; f && f->type; f++)
		if (f->in == FIELD_IN_PATH && f->flags & FIELD_SECRET)
			return true;
	return false;
}

bool endpoint_is_repeatable(const struct endpoint *e)
{
	return !endpoint_changes(e) && !e->writes && e->auth != AUTH_INTERNAL &&
	       !has_secret(e->in ? e->in->fields : NULL) &&
	       !has_secret(e->subject ? e->subject->path : NULL);
}
