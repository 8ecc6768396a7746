#include "resources/audit/fields.h"

#include "base/json_schema.h"

const struct field audit_record_fields[] = {
	FIELD_INT(audit_record, id, .doc = "Identifier"),
	FIELD_TIME(audit_record, at, .doc = "When it was changed"),
	FIELD_TEXT(audit_record, actor,
		.doc = "The account that did it, or a user of the server's machine; null: a "
		       "stranger, with a token or a code",
		.example = "admin@sip.example.org"),
	FIELD_TEXT(audit_record, door,
		.doc = "How the actor proved itself: key, digest, jwt, hmac, certificate, "
		       "provider, none, command_line",
		.example = "key"),
	FIELD_TEXT(audit_record, ip, .doc = "Address it came from", .example = "192.0.2.17"),
	FIELD_TEXT(
		audit_record, request_id, .doc = "X-Request-Id of the answer; log lines have it"),
	FIELD_TEXT(audit_record, action,
		.doc = "Name of the call in the description, or words of the command",
		.example = "account_change"),
	FIELD_TEXT(audit_record, object, .column = "(object || coalesce('/' || part, ''))",
		.doc = "What was changed, and which part of it",
		.example = "account:alice@sip.example.org"),
	FIELD_JSON(audit_record, fields, .column = "to_json(fields)",
		.doc = "Names of the fields that were changed, or given",
		.schema = SCHEMA_LIST(SCHEMA_TEXT), .example = "[\"display_name\"]"),
	FIELD_TEXT(audit_record, domain, .flags = FIELD_INTERNAL),
	FIELDS_END,
};
const struct shape audit_record_shape = { "AuditRecord", audit_record_fields,
	sizeof(struct audit_record) };
