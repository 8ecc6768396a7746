#include "resources/call_forwardings/fields.h"

const struct field call_forwarding_fields[] = {
	FIELD_INT(call_forwarding, id, .flags = FIELD_KEY, .doc = "Identifier"),
	FIELD_INT(call_forwarding, account_id, .flags = FIELD_INTERNAL | FIELD_KEY),
	FIELD_TEXT(call_forwarding, type, .doc = "When: always, no_answer or busy",
		.example = "no_answer"),
	FIELD_TEXT(call_forwarding, forward_to, .doc = "Where to: sip_uri, contact or voicemail",
		.example = "sip_uri"),
	FIELD_TEXT(call_forwarding, sip_uri, .doc = "Of sip_uri",
		.example = "sip:bob@sip.example.org"),
	FIELD_BOOL(call_forwarding, enabled, .doc = "It is in force"),
	FIELD_INT(call_forwarding, contact_id, .flags = FIELD_ZERO_NULL | FIELD_NULLABLE,
		.doc = "Of contact: the identifier of the account"),
	FIELD_TEXT(call_forwarding, contact_sip_uri,
		.column = "(SELECT 'sip:' || c.username || '@' || c.domain FROM accounts c"
			  " WHERE c.id = f.contact_id)",
		.doc = "Of contact: its address"),
	FIELD_TIME(call_forwarding, created_at, .doc = "When it was made"),
	FIELD_TIME(call_forwarding, updated_at, .doc = "When it was last changed"),
	FIELDS_END,
};
const struct shape call_forwarding_shape = { "CallForwarding", call_forwarding_fields,
	sizeof(struct call_forwarding) };
