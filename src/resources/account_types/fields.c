#include "resources/account_types/fields.h"

const struct field account_type_fields[] = {
	FIELD_INT(account_type, id, .flags = FIELD_KEY, .doc = "Identifier", .example = "1"),
	FIELD_TEXT(account_type, key, .doc = "What it is called", .example = "phone"),
	FIELDS_END,
};
const struct shape account_type_shape = { "AccountType", account_type_fields,
	sizeof(struct account_type) };

const struct field account_type_link_fields[] = {
	FIELD_INT(account_type_link, account_id),
	FIELD_INT(account_type_link, account_type_id),
	FIELD_INT(account_type_link, count),
	FIELDS_END,
};
