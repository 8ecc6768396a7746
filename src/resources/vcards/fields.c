#include "resources/vcards/fields.h"

const struct field stored_vcard_fields[] = {
	FIELD_TEXT(stored_vcard, uid, .flags = FIELD_INTERNAL),
	FIELD_INT(stored_vcard, account_id, .flags = FIELD_INTERNAL | FIELD_KEY),
	FIELD_TEXT(stored_vcard, key, .flags = FIELD_INTERNAL | FIELD_KEY),
	FIELD_TEXT(stored_vcard, vcard, .doc = "Lines end with LF"),
	FIELD_INT(stored_vcard, bytes, .flags = FIELD_INTERNAL),
	FIELD_TIME(stored_vcard, created_at, .flags = FIELD_KEY, .doc = "When it was stored"),
	FIELD_TIME(
		stored_vcard, updated_at, .flags = FIELD_KEY, .doc = "When it was last replaced"),
	FIELDS_END,
};
const struct shape stored_vcard_shape = { "Vcard", stored_vcard_fields,
	sizeof(struct stored_vcard) };
