/*
 * A permission profile: which functions of the clients its users have (cti-api 1.5, 2.10).
 * Plain data; texts belong to the arena it was read into.  What it grants, as names to ask for, is
 * permissions/capability.h.
 */
#ifndef DIALTONE_RESOURCES_PROFILES_FIELDS_H
#define DIALTONE_RESOURCES_PROFILES_FIELDS_H

#include "base/field.h"

struct profile {
	int64_t id;
	const char *domain;
	const char *name;
	bool is_default;
	/* JSON: {"macro": {"value": bool, "permissions": {"name": {"id", "name", "value"}}}} and
	 * [{"route_id", "name", "permission"}]. */
	const char *macro_permissions, *outbound_routes_permissions;
};

extern const struct field profile_fields[];
extern const struct shape profile_shape; /* "Profile" */

#endif
