#include "resources/space_email/fields.h"

const struct field email_server_fields[] = {
	FIELD_INT(email_server, id, .doc = "Identifier", .example = "1"),
	FIELD_TEXT(email_server, host, .doc = "Name or address", .example = "smtp.example.org"),
	FIELD_INT(email_server, port, .doc = "TCP port", .example = "587"),
	FIELD_TEXT(email_server, username, .doc = "Name it is logged in with"),
	FIELD_BYTES(email_server, password_sealed, .flags = FIELD_INTERNAL),
	FIELD_TEXT(email_server, from_address, .doc = "Address that mails come from"),
	FIELD_TEXT(email_server, from_name, .doc = "Name that mails come from"),
	FIELD_TEXT(email_server, signature, .doc = "Ends each mail"),
	FIELD_TIME(email_server, created_at, .doc = "When it was created"),
	FIELD_TIME(email_server, updated_at, .doc = "When it was last changed"),
	FIELD_BOOL(email_server, is_new, .column = "xmax = 0", .flags = FIELD_INTERNAL),
	FIELDS_END,
};
const struct shape email_server_shape = { "EmailServer", email_server_fields,
	sizeof(struct email_server) };
