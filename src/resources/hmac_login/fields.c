#include "resources/hmac_login/fields.h"

const struct field deprecated_use_fields[] = {
	FIELD_TEXT(deprecated_use, domain),
	FIELD_TEXT(deprecated_use, username),
	FIELD_TEXT(deprecated_use, user_agent),
	FIELD_INT(deprecated_use, requests),
	FIELD_TIME(deprecated_use, first_used_at),
	FIELD_TIME(deprecated_use, last_used_at),
	FIELDS_END,
};
