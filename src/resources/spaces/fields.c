#include "resources/spaces/fields.h"

const struct field space_fields[] = {
	FIELD_INT(space, id),
	FIELD_TEXT(space, domain),
	FIELD_TEXT(space, host),
	FIELD_TEXT(space, name),
	FIELD_BOOL(space, super),
	FIELD_BOOL(space, expired,
		.column = "(NOT super AND expire_at <= (now() AT TIME ZONE 'UTC')::date) IS TRUE"),
	FIELD_INT(space, max_accounts),
	FIELD_TEXT(space, realm, .column = "coalesce(realm, domain)"),
	FIELD_TEXT(space, default_algorithm, .column = "default_password_algorithm"),
	FIELD_BOOL(space, allows_md5, .column = "'MD5' = ANY (allowed_algorithms)"),
	FIELD_BOOL(space, allows_sha256, .column = "'SHA-256' = ANY (allowed_algorithms)"),
	FIELD_INT(space, username_min_length),
	FIELDS_END,
};
