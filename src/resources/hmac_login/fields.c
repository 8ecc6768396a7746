#include "resources/hmac_login/fields.h"

const struct field legacy_use_fields[] = {
	FIELD_TEXT(legacy_use, domain),
	FIELD_TEXT(legacy_use, username),
	FIELD_TEXT(legacy_use, user_agent),
	FIELD_INT(legacy_use, requests),
	FIELD_TIME(legacy_use, first_used_at),
	FIELD_TIME(legacy_use, last_used_at),
	FIELDS_END,
};
