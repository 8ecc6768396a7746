#include "resources/contacts/fields.h"

#include "resources/accounts/fields.h"

const struct field contact_fields[] = {
	FIELD_INT(contact, id, .doc = "Identifier of the account", .example = "42"),
	FIELD_TEXT(contact, username, .doc = "Local part of the SIP address", .example = "alice"),
	FIELD_TEXT(contact, domain, .doc = "SIP domain", .example = "sip.example.org"),
	FIELD_TEXT(contact, sip_uri, .flags = FIELD_COMPUTED, .doc = "Address of record"),
	FIELD_BOOL(contact, activated, .doc = "May register at a SIP server"),
	FIELD_TEXT(contact, display_name, .doc = "Name shown to people"),
	FIELD_TEXT(contact, dtmf_protocol, .doc = "How it sends DTMF"),
	FIELD_JSON(contact, types, .doc = "Types attached to it", .schema = ACCOUNT_TYPES_SCHEMA,
		.example = "[]"),
	FIELD_JSON(contact, actions, .doc = "DTMF actions", .schema = ACCOUNT_ACTIONS_SCHEMA,
		.example = "[]"),
	FIELDS_END,
};
const struct shape contact_shape = { "Contact", contact_fields, sizeof(struct contact) };

const struct field contact_link_fields[] = {
	FIELD_INT(contact_link, account_id),
	FIELD_INT(contact_link, contact_id),
	FIELD_INT(contact_link, count),
	FIELDS_END,
};
