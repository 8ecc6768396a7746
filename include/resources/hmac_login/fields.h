/* Uses of the old paths, as an operator sees them. */
#ifndef DIALTONE_RESOURCES_HMAC_LOGIN_FIELDS_H
#define DIALTONE_RESOURCES_HMAC_LOGIN_FIELDS_H

#include "base/field.h"

struct deprecated_use {
	const char *domain, *username, *user_agent;
	int64_t requests, first_used_at, last_used_at;
};
extern const struct field deprecated_use_fields[];

#endif
