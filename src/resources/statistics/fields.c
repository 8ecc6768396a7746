#include "resources/statistics/fields.h"

/* clang-format off */
#define RECORD_FIELDS(st)                                                                           \
	FIELD_TEXT(st, id),                                                     \
	FIELD_TEXT(st, domain, .flags = FIELD_INTERNAL),                                \
	FIELD_TEXT(st, from_username),                                                              \
	FIELD_TEXT(st, from_domain)
#define MADE_FIELDS(st)                                                                             \
	FIELD_TIME(st, created_at),                                             \
	FIELD_TIME(st, updated_at)
/* clang-format on */

const struct field message_fields[] = {
	FIELD_INT(message, number, .flags = FIELD_INTERNAL),
	RECORD_FIELDS(message),
	FIELD_TIME(message, sent_at),
	FIELD_BOOL(message, encrypted),
	FIELD_TEXT(message, conference_id),
	FIELDS_END,
};

const struct field message_device_fields[] = {
	FIELD_INT(message_device, id),
	FIELD_INT(message_device, message, .flags = FIELD_INTERNAL),
	FIELD_TEXT(message_device, message_id, .flags = FIELD_COMPUTED, .doc = "As reported"),
	FIELD_TEXT(message_device, to_username),
	FIELD_TEXT(message_device, to_domain),
	FIELD_TEXT(message_device, device_id),
	FIELD_INT(message_device, last_status, .doc = "Status of SIP"),
	FIELD_TIME(message_device, received_at),
	MADE_FIELDS(message_device),
	FIELD_BOOL(message_device, is_new, .column = "(d.xmax = 0)", .flags = FIELD_INTERNAL),
	FIELDS_END,
};

const char *const call_device_states[] = { "accepted", "accepted_elsewhere", "canceled", "declined",
	"declined_elsewhere", "error", NULL };

const struct field call_device_fields[] = {
	FIELD_INT(call_device, id),
	FIELD_INT(call_device, call, .flags = FIELD_INTERNAL),
	FIELD_TEXT(call_device, call_id, .flags = FIELD_COMPUTED, .doc = "As reported"),
	FIELD_TEXT(call_device, device_id),
	FIELD_TIME(call_device, rang_at),
	FIELD_TIME(call_device, invite_terminated_at),
	FIELD_TEXT(call_device, invite_terminated_state, .one_of = call_device_states),
	MADE_FIELDS(call_device),
	FIELD_BOOL(call_device, is_new, .column = "(d.xmax = 0)", .flags = FIELD_INTERNAL),
	FIELDS_END,
};

const struct field call_fields[] = {
	FIELD_INT(call, number, .flags = FIELD_INTERNAL),
	RECORD_FIELDS(call),
	FIELD_TEXT(call, to_username),
	FIELD_TEXT(call, to_domain),
	FIELD_TIME(call, initiated_at),
	FIELD_TIME(call, ended_at),
	FIELD_TEXT(call, conference_id),
	MADE_FIELDS(call),
	FIELD_JSON(call, devices, .flags = FIELD_COMPUTED, .items = &call_device_shape,
		.doc = "What became of it on each device it rang at"),
	FIELDS_END,
};

const struct field registrations_fields[] = {
	FIELD_TEXT(registrations, moment, .flags = FIELD_INTERNAL),
	FIELD_INT(registrations, all, .doc = "Accounts made"),
	FIELD_INT(registrations, phone, .doc = "Those with a phone number"),
	FIELD_INT(registrations, email, .doc = "The others"),
	FIELD_INT(registrations, activated_phone, .doc = "Of those with a phone number, activated"),
	FIELD_INT(registrations, activated_email, .doc = "Of the others, activated"),
	FIELDS_END,
};

const struct shape message_device_shape = { "MessageDevice", message_device_fields,
	sizeof(struct message_device) };
const struct shape call_shape = { "Call", call_fields, sizeof(struct call) };
const struct shape call_device_shape = { "CallDevice", call_device_fields,
	sizeof(struct call_device) };
const struct shape registrations_shape = { "Registrations", registrations_fields,
	sizeof(struct registrations) };
