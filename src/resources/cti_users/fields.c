#include "resources/cti_users/fields.h"

static const struct field change_fields[] = {
	FIELD_INT(cti_user_change, profile_id,
		.doc = "Permission profile; 0 is the default one of the domain", .example = "100"),
	FIELD_TEXT(cti_user_change, main_extension, .doc = "The account's name if it is null",
		.example = "201"),
	FIELD_TEXT(cti_user_change, voicemail, .doc = "Mailbox", .example = "201"),
	FIELD_TEXT(cti_user_change, cellphone, .doc = "The account's phone if it is null"),
	FIELD_TEXT(cti_user_change, jabber, .doc = "Chat address"),
	FIELD_TEXT(cti_user_change, default_device, .doc = "Extension used first"),
	FIELD_TRI(cti_user_change, call_summary_enabled, .doc = "Summaries of calls are offered"),
	FIELD_TRI(cti_user_change, recall_on_busy, .doc = "A busy line calls back"),
	FIELDS_END,
};
const struct shape cti_user_change_shape = { "CtiUser", change_fields,
	sizeof(struct cti_user_change) };
