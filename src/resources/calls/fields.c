#include "resources/calls/fields.h"

static const char *const dispositions[] = { "ANSWERED", "NO ANSWER", "BUSY", "FAILED", NULL };
static const char *const directions[] = { "in", "out", NULL };
static const char *const types[] = { "in", "out", "internal", NULL };

#define EMPTY .doc = "Empty: of Asterisk"

const struct field history_call_fields[] = {
	FIELD_INT(history_call, time, .doc = "When it began, in seconds since 1970"),
	FIELD_TEXT(history_call, channel, .doc = "Device of the caller"),
	FIELD_TEXT(history_call, dstchannel, .doc = "Device that was reached, or rang at last"),
	FIELD_TEXT(history_call, uniqueid, .doc = "As linkedid"),
	FIELD_TEXT(history_call, linkedid, .doc = "Of the call, whatever became of it"),
	FIELD_TEXT(history_call, userfield, EMPTY),
	FIELD_INT(history_call, duration, .doc = "Seconds from its beginning to its end"),
	FIELD_INT(history_call, billsec, .doc = "Seconds for which it was answered"),
	FIELD_TEXT(history_call, disposition, .one_of = dispositions, .doc = "What became of it"),
	FIELD_TEXT(history_call, dcontext, EMPTY),
	FIELD_TEXT(history_call, lastapp, .doc = "Dial"),
	FIELD_TEXT(history_call, cnum, .doc = "Number of the caller"),
	FIELD_TEXT(history_call, cnam, .doc = "Name of the caller"),
	FIELD_TEXT(history_call, ccompany, EMPTY),
	FIELD_TEXT(history_call, src, .doc = "Number of the caller"),
	FIELD_TEXT(history_call, dst, .doc = "Number that was reached, or rang at last"),
	FIELD_TEXT(history_call, dst_cnam, .doc = "Name of who was called"),
	FIELD_TEXT(history_call, dst_ccompany, EMPTY),
	FIELD_TEXT(history_call, clid, .doc = "Name and number of the caller"),
	FIELD_TEXT(history_call, direction, .flags = FIELD_OMIT_NULL, .one_of = directions,
		.doc = "As the user or extension sees it whose calls these are"),
	FIELD_TEXT(history_call, type, .one_of = types, .doc = "As the whole space sees it"),
	FIELD_TEXT(history_call, queue, .doc = "Null: there are no queues"),
	FIELDS_END,
};

static const struct field history_fields[] = {
	FIELD_INT(history, count, .doc = "How many there are on all pages"),
	FIELD_JSON(history, rows, .items = &history_call_shape),
	FIELDS_END,
};

const struct shape history_call_shape = { "HistoryCall", history_call_fields,
	sizeof(struct history_call) };
const struct shape history_shape = { "History", history_fields, sizeof(struct history) };
