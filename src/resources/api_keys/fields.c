#include "resources/api_keys/fields.h"

const struct field api_key_fields[] = {
	FIELD_INT(api_key, id),
	FIELD_TEXT(api_key, username, .column = "a.username"),
	FIELD_TEXT(api_key, domain, .column = "a.domain"),
	FIELD_TEXT(api_key, name),
	FIELD_TEXT(api_key, ip, .column = "host(k.ip)"),
	FIELD_INT(api_key, requests),
	FIELD_TIME(api_key, last_used_at),
	FIELD_TIME(api_key, created_at),
	FIELD_TEXT(api_key, expires, .column = "k.expires_after_last_used_minutes::text"),
	FIELDS_END,
};
