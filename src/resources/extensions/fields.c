#include "resources/extensions/fields.h"

#include <string.h>

const struct field extension_fields[] = {
	FIELD_INT(extension, account_id, .flags = FIELD_INTERNAL | FIELD_KEY),
	FIELD_TEXT(extension, domain, .flags = FIELD_INTERNAL | FIELD_KEY),
	FIELD_TEXT(extension, exten, .flags = FIELD_KEY, .doc = "Number, unique in the domain",
		.example = "91201"),
	FIELD_TEXT(extension, type, .one_of = extension_types, .doc = "What kind of device it is"),
	FIELD_TEXT_AS(extension, username, "sip_username", .column = "username",
		.doc = "Name at the SIP server", .example = "91201"),
	FIELD_TEXT(extension, description, .doc = "Shown to people"),
	FIELD_INT(extension, proxy_port, .flags = FIELD_ZERO_NULL,
		.doc = "SIP port of its proxy, 0 if there is none"),
	/* A key to {set}: what becomes of it depends on the type. */
	FIELD_BYTES(extension, secret_sealed, .flags = FIELD_INTERNAL | FIELD_SECRET | FIELD_KEY),
	FIELD_TEXT(extension, ha1_md5, .flags = FIELD_INTERNAL | FIELD_SECRET | FIELD_COMPUTED),
	FIELD_TEXT(extension, ha1_sha256, .flags = FIELD_INTERNAL | FIELD_SECRET | FIELD_COMPUTED),
	FIELDS_END,
};
const struct shape extension_shape = { "Extension", extension_fields, sizeof(struct extension) };

const char *const extension_types[] = { "webrtc", "mobile", "nethlink", "physical", NULL };

bool extension_is_physical(const char *type)
{
	return strcmp(type, "physical") == 0;
}

bool extension_is_driven(const char *type)
{
	return strcmp(type, "webrtc") == 0 || strcmp(type, "nethlink") == 0;
}

const struct text *extension_check(struct str s)
{
	static const char set[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "*#+._-";

	for (size_t i = 0; i < s.n; i++)
		if (!strchr(set, s.p[i]))
			return &text_format;
	return s.n <= EXTENSION_MAX ? NULL : &text_format;
}
