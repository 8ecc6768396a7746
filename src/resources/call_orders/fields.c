#include "resources/call_orders/fields.h"

#include "resources/extensions/fields.h"

#define CONVID_MAX 255 /* characters */

static const char *const endpoint_types[] = { "extension", NULL };

/* clang-format off */
#define ENDPOINT                                                                                    \
	FIELD_TEXT_AS(call_order, endpoint_id, "endpointId", .flags = FIELD_DIGITS,                 \
		.max = EXTENSION_MAX, .check = extension_check,                                     \
		.doc = "The device, or a main extension: its default device; the caller's if absent", \
		.example = "201"),                                                                  \
	FIELD_TEXT_AS(call_order, endpoint_type, "endpointType", .one_of = endpoint_types,          \
		.doc = "Nothing else there is")
/* clang-format on */

static const struct field call_fields[] = {
	FIELD_TEXT(call_order, number, .flags = FIELD_REQUIRED | FIELD_DIGITS, .max = EXTENSION_MAX,
		.check = extension_check, .doc = "To be called: digits, letters, * # + . _ -",
		.example = "202"),
	ENDPOINT,
	FIELDS_END,
};
static const struct field hangup_fields[] = {
	FIELD_TEXT(call_order, convid, .max = CONVID_MAX,
		.doc = "The conversation, as the state of the extension names it; the first if "
		       "absent"),
	ENDPOINT,
	FIELDS_END,
};
static const struct field answer_fields[] = { ENDPOINT, FIELDS_END };

const struct shape call_order_shape = { "CallOrder", call_fields, sizeof(struct call_order) };
const struct shape hangup_order_shape = { "HangupOrder", hangup_fields, sizeof(struct call_order) };
const struct shape answer_order_shape = { "AnswerOrder", answer_fields, sizeof(struct call_order) };
