#include "resources/devices/fields.h"

const struct field device_fields[] = {
	FIELD_TEXT(device, uuid, .doc = "Its identity at the SIP server",
		.example = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
	FIELD_TEXT(device, contact, .flags = FIELD_INTERNAL),
	FIELD_TIME(device, update_time, .doc = "When it last registered"),
	FIELD_TEXT(device, user_agent, .doc = "Its program, as it names itself"),
	FIELD_TEXT(device, app, .flags = FIELD_COMPUTED, .doc = "The program's name"),
	FIELD_TEXT(device, version, .flags = FIELD_COMPUTED, .doc = "The program's version"),
	FIELD_TEXT(device, device_name, .flags = FIELD_COMPUTED,
		.doc = "What the program says of the device"),
	FIELDS_END,
};
const struct shape device_shape = { "Device", device_fields, sizeof(struct device) };

static const struct text *uuid_check(struct str s)
{
	return str_is_made_of(s, DEVICE_UUID_SET) ? NULL : &text_format;
}

static const struct field path_fields[] = {
	FIELD_TEXT(device_path, uuid, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = DEVICE_UUID_MAX, .check = uuid_check, .doc = "As the list shows it",
		.example = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
	FIELDS_END,
};
const struct shape device_path_shape = { "ByDevice", path_fields, sizeof(struct device_path) };
