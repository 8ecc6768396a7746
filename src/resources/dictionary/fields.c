#include "resources/dictionary/fields.h"

const struct field dictionary_entry_fields[] = {
	FIELD_INT(dictionary_entry, account_id, .flags = FIELD_INTERNAL),
	FIELD_TEXT(dictionary_entry, key, .flags = FIELD_INTERNAL),
	FIELD_TEXT(dictionary_entry, value, .doc = "Free text", .example = "blue"),
	FIELDS_END,
};
const struct shape dictionary_entry_shape = { "DictionaryEntry", dictionary_entry_fields,
	sizeof(struct dictionary_entry) };
