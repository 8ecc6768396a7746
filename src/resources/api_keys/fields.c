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

/* clang-format off */
#define SERVICE_KEY                                                                                 \
	FIELD_INT(api_key, id, .doc = "Identifier"),                                                \
	FIELD_INT(api_key, account_id, .doc = "The administrator it acts as"),                      \
	FIELD_TEXT(api_key, name, .doc = "What it is for"),                                         \
	FIELD_TEXT(api_key, ip, .column = "host(k.ip)",                                             \
		.doc = "The only address it works from; null is any"),                              \
	FIELD_INT(api_key, expires_after_last_used_minutes,                                         \
		.doc = "Ends when unused for so long; 0 is never"),                                 \
	FIELD_INT(api_key, requests, .doc = "How often it was used"),                               \
	FIELD_TIME(api_key, last_used_at, .doc = "When it was last used"),                          \
	FIELD_TIME(api_key, created_at, .doc = "When it was made")
/* clang-format on */

const struct field service_key_fields[] = { SERVICE_KEY, FIELDS_END };
const struct shape service_key_shape = { "ServiceKey", service_key_fields, sizeof(struct api_key) };

static const struct field made_fields[] = {
	SERVICE_KEY,
	FIELD_TEXT(api_key, key, .flags = FIELD_SECRET, .doc = "40 characters, shown only here"),
	FIELDS_END,
};
const struct shape service_key_made_shape = { "ServiceKeyMade", made_fields,
	sizeof(struct api_key) };
