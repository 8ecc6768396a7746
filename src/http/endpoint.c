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
