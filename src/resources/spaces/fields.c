#include "resources/spaces/fields.h"

const struct field space_fields[] = {
	FIELD_INT(space, id),
	FIELD_TEXT(space, domain),
	FIELD_TEXT(space, host),
	FIELD_TEXT(space, name),
	FIELD_BOOL(space, super),
	FIELD_BOOL(space, expired),
	FIELD_INT(space, max_accounts),
	FIELD_TEXT(space, realm),
	FIELD_TEXT(space, default_algorithm),
	FIELD_BOOL(space, allows_md5),
	FIELD_BOOL(space, allows_sha256),
	FIELD_INT(space, username_min_length),
	FIELDS_END,
};
