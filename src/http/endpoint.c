#include "http/endpoint.h"

const char *auth_level_name(enum auth_level a)
{
	static const char *const names[AUTH_COUNT] = { "unset", "public", "user", "admin", "super",
		"internal" };

	return names[a];
}
