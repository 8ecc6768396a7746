/*
 * A permission profile: which functions of the clients its users have (cti-api 1.5, 2.10).
 * Plain data; texts belong to the arena it was read into.  What it grants, as names to ask for, is
 * permissions/capability.h.
 */
#ifndef DIALTONE_RESOURCES_PROFILES_FIELDS_H
#define DIALTONE_RESOURCES_PROFILES_FIELDS_H

#include "base/field.h"
#include "base/json_schema.h"

#define PERMISSION_SCHEMA                                                 \
	SCHEMA_OBJECT(SCHEMA_MEMBER("id", SCHEMA_TEXT) "," SCHEMA_MEMBER( \
		"name", SCHEMA_TEXT) "," SCHEMA_MEMBER("value", SCHEMA_FLAG))
#define MACRO_PERMISSIONS_SCHEMA                                                        \
	SCHEMA_MAP(SCHEMA_OBJECT(SCHEMA_MEMBER("value", SCHEMA_FLAG) "," SCHEMA_MEMBER( \
		"permissions", SCHEMA_MAP(PERMISSION_SCHEMA))))
#define OUTBOUND_ROUTES_SCHEMA                                                              \
	SCHEMA_LIST(SCHEMA_OBJECT(SCHEMA_MEMBER("route_id", SCHEMA_TEXT) "," SCHEMA_MEMBER( \
		"name", SCHEMA_TEXT) "," SCHEMA_MEMBER("permission", SCHEMA_FLAG)))

#define PROFILES_MAX       1000    /* of a space; one answer shows all */
#define PROFILES_MAX_BYTES 8388608 /* of their permissions together, as JSON */

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
