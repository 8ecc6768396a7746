#include "resources/profiles/fields.h"

const struct field profile_fields[] = {
	FIELD_INT(profile, id, .doc = "Identifier", .example = "100"),
	FIELD_TEXT(profile, domain, .flags = FIELD_INTERNAL),
	FIELD_TEXT(profile, name, .doc = "Shown to people", .example = "Advanced"),
	FIELD_BOOL(profile, is_default, .doc = "Of every user of the domain who has no other"),
	FIELD_JSON(profile, macro_permissions, .doc = "What is allowed, by macro",
		.schema = MACRO_PERMISSIONS_SCHEMA,
		.example = "{\"settings\":{\"value\":true,\"permissions\":{\"dnd\":{\"id\":\"2\","
			   "\"name\":\"dnd\",\"value\":true}}}}"),
	FIELD_JSON(profile, outbound_routes_permissions, .doc = "Outbound routes",
		.schema = OUTBOUND_ROUTES_SCHEMA,
		.example = "[{\"route_id\":\"1\",\"name\":\"Default\",\"permission\":true}]"),
	FIELDS_END,
};
const struct shape profile_shape = { "Profile", profile_fields, sizeof(struct profile) };
