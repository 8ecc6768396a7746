#include "resources/account_actions/fields.h"

const struct field account_action_fields[] = {
	FIELD_INT(account_action, id, .flags = FIELD_KEY, .doc = "Identifier", .example = "3"),
	FIELD_INT(account_action, account_id, .flags = FIELD_INTERNAL | FIELD_KEY),
	FIELD_TEXT(account_action, key, .doc = "What it is called", .example = "open-door"),
	FIELD_TEXT(account_action, code, .doc = "What is dialled for it", .example = "1a"),
	FIELDS_END,
};
const struct shape account_action_shape = { "AccountAction", account_action_fields,
	sizeof(struct account_action) };
