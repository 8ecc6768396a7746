#include "resources/contacts_lists/fields.h"

const struct field contacts_list_fields[] = {
	FIELD_INT(contacts_list, id, .flags = FIELD_KEY, .doc = "Identifier", .example = "1"),
	FIELD_TEXT(contacts_list, domain, .flags = FIELD_INTERNAL | FIELD_KEY),
	FIELD_TEXT(contacts_list, title, .doc = "What it is called", .example = "Sales"),
	FIELD_TEXT(contacts_list, description, .doc = "What it is for",
		.example = "Everyone in sales"),
	FIELD_TIME(contacts_list, created_at, .flags = FIELD_KEY, .doc = "When it was made"),
	FIELD_TIME(contacts_list, updated_at, .flags = FIELD_KEY,
		.doc = "When title or description were last changed"),
	FIELD_INT(contacts_list, space_id, .flags = FIELD_KEY,
		.column = "(SELECT s.id FROM spaces s WHERE s.domain = contacts_lists.domain)",
		.doc = "Space whose list it is", .example = "1"),
	FIELD_INT(contacts_list, contacts_count, .flags = FIELD_KEY,
		.doc = "How many contacts are on it", .example = "12"),
	FIELDS_END,
};
const struct shape contacts_list_shape = { "ContactsList", contacts_list_fields,
	sizeof(struct contacts_list) };

const struct field contacts_list_link_fields[] = {
	FIELD_INT(contacts_list_link, list_id),
	FIELD_INT(contacts_list_link, account_id),
	FIELD_INT(contacts_list_link, count),
	FIELDS_END,
};
