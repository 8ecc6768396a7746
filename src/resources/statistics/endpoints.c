/* What SIP servers report, and how many accounts were made (accounts-api I.17). */
#include "http/ctx.h"
#include "service/caller.h"

#include "resources/statistics/statistics.h"

/* user@domain, with or without "sip:". */
static const struct text *address_check(struct str s)
{
	const struct str user = str_split(&s, '@');
	bool whole = user.n && user.p[user.n - 1] != ':' && s.p && s.n;

	return whole ? NULL : &text_format;
}

/* clang-format off */
#define ID(st) \
	FIELD_TEXT(st, id, .flags = FIELD_REQUIRED, .max = STATISTICS_ID_MAX,                       \
		.doc = "Chosen by who reports, unique in the space", .example = "qoP4mLvW7f")
#define ADDRESS(st, m, text, ...) \
	FIELD_TEXT(st, m, .flags = FIELD_REQUIRED, .max = STATISTICS_ADDRESS_MAX,                   \
		.check = address_check, .doc = text, .example = "alice@sip.example.org", __VA_ARGS__)
#define INSTANT(st, m, required, text) \
	FIELD_TIME(st, m, .flags = required, .doc = text " ISO 8601; UTC unless it says otherwise", \
		.example = "\"2026-01-31T23:59:59.000000Z\"")
#define CONFERENCE(st) \
	FIELD_TEXT(st, conference_id, .max = STATISTICS_CONFERENCE_MAX, .doc = "The conference it was in")
#define DEVICE(st) \
	FIELD_TEXT(st, device_id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,                     \
		.max = STATISTICS_ID_MAX, .doc = "Name of the device", .example = "urn:uuid:f81d4fae")
/* clang-format on */

static const struct field message_new_fields[] = {
	ID(message_input),
	ADDRESS(message_input, from, "Sender, user@domain"),
	INSTANT(message_input, sent_at, FIELD_REQUIRED, "When it was sent."),
	FIELD_BOOL(message_input, encrypted, .flags = FIELD_REQUIRED, .doc = "End to end"),
	CONFERENCE(message_input),
	FIELDS_END,
};
static const struct field message_device_put_fields[] = {
	ADDRESS(message_device_input, to, "Receiver, user@domain", .in = FIELD_IN_PATH),
	DEVICE(message_device_input),
	FIELD_INT(message_device_input, last_status, .flags = FIELD_REQUIRED, .min = 1, .max = 999,
		.doc = "Status of SIP", .example = "200"),
	INSTANT(message_device_input, received_at, FIELD_REQUIRED, "When it got there."),
	FIELDS_END,
};
static const struct field call_new_fields[] = {
	ID(call_input),
	ADDRESS(call_input, from, "Caller, user@domain"),
	ADDRESS(call_input, to, "Who was called, user@domain"),
	INSTANT(call_input, initiated_at, FIELD_REQUIRED, "When it began."),
	INSTANT(call_input, ended_at, 0, "When it ended."),
	CONFERENCE(call_input),
	FIELDS_END,
};
static const struct field call_change_fields[] = {
	INSTANT(call_input, ended_at, FIELD_REQUIRED, "When it ended."),
	FIELDS_END,
};
static const struct field invite_fields[] = {
	FIELD_TIME_AS(call_device_input, invite_terminated_at, "at", .doc = "When it ended"),
	FIELD_TEXT_AS(call_device_input, invite_terminated_state, "state",
		.one_of = call_device_states, .doc = "How it ended"),
	FIELDS_END,
};
static const struct field call_device_put_fields[] = {
	DEVICE(call_device_input),
	INSTANT(call_device_input, rang_at, 0, "When it rang."),
	FIELD_GROUP("invite_terminated", invite_fields,
		.doc = "The end of the INVITE: each member requires the other"),
	FIELDS_END,
};

#define SHAPE(name, as, st) \
	static const struct shape name##_shape = { as, name##_fields, sizeof(struct st) }
SHAPE(message_new, "MessageNew", message_input);
SHAPE(message_device_put, "MessageDevicePut", message_device_input);
SHAPE(call_new, "CallNew", call_input);
SHAPE(call_change, "CallChange", call_input);
SHAPE(call_device_put, "CallDevicePut", call_device_input);

static struct reporter reporter_of(const struct ctx *c)
{
	return (struct reporter){ c->caller->identity.super, c->caller->space };
}

static enum err message_report(struct ctx *c)
{
	const struct reporter by = reporter_of(c);

	*(int64_t *)c->out = 1;
	return message_add(c->service, &by, c->in);
}

static enum err call_report(struct ctx *c)
{
	const struct reporter by = reporter_of(c);

	*(int64_t *)c->out = 1;
	return call_add(c->service, &by, c->in);
}

static enum err message_device_report(struct ctx *c)
{
	struct message_device *out = c->out;
	enum err e = message_device_put(c->service, c->subject, c->in, out);

	c->reply.status = out->is_new ? 201 : 200;
	return e;
}

static enum err call_device_report(struct ctx *c)
{
	struct call_device *out = c->out;
	enum err e = call_device_put(c->service, c->subject, c->in, out);

	c->reply.status = out->is_new ? 201 : 200;
	return e;
}

static enum err call_end_report(struct ctx *c)
{
	const struct call_input *in = c->in;

	return call_end(c->service, c->subject, in->ended_at, c->out);
}

#define STATISTICS    .auth = AUTH_ADMIN, .tag = "Statistics"
#define REPORT        STATISTICS, .writes = true, .untold = "a report of what has happened"
#define DEVICE_REPORT REPORT, .status = 201, .or_status = 200, .missing_as = &statistics_unknown
#define REGISTRATIONS(of)                                              \
	STATISTICS, .result = RESULT_MAP, .out = &registrations_shape, \
		    .reads = { &registrations_of_##of },               \
		    HANDLE_AS(reply_read, "registrations_of_" #of)

const struct endpoint statistics_endpoints[] = {
	{ GET("/api/statistics/day"), REGISTRATIONS(day),
		.summary =
			"Count the accounts made in each of the last 24 hours, and in this one" },
	{ GET("/api/statistics/week"), REGISTRATIONS(week),
		.summary = "Count the accounts made on each of the last 7 days, and today" },
	{ GET("/api/statistics/month"), REGISTRATIONS(month),
		.summary = "Count the accounts made on each day since this one a month ago" },
	{ POST("/api/statistics/messages"), REPORT, .in = &message_new_shape,
		.result = RESULT_COUNT, .refusals = { &statistics_id_taken },
		HANDLE(message_report), .summary = "Report a message",
		.example = "{\"id\":\"qoP4mLvW7f\",\"from\":\"alice@sip.example.org\","
			   "\"sent_at\":\"2026-01-31T23:59:59Z\",\"encrypted\":true}" },
	{ PATCH("/api/statistics/messages/{message_id}/to/{to}/devices/{device_id}"), DEVICE_REPORT,
		.subject = &message_subject, .in = &message_device_put_shape,
		.out = &message_device_shape, .refusals = { &statistics_devices_full },
		HANDLE(message_device_report),
		.summary = "Report what became of a message on a device",
		.text = "201 when it is the first report about this device, else 200.",
		.example = "{\"last_status\":200,\"received_at\":\"2026-01-31T23:59:59Z\"}" },
	{ POST("/api/statistics/calls"), REPORT, .in = &call_new_shape, .result = RESULT_COUNT,
		.refusals = { &statistics_id_taken }, HANDLE(call_report),
		.summary = "Report a call",
		.example = "{\"id\":\"d7Uw0cKz1s\",\"from\":\"alice@sip.example.org\","
			   "\"to\":\"bob@sip.example.org\",\"initiated_at\":\"2026-01-31T23:59:"
			   "00Z\"}" },
	{ PATCH("/api/statistics/calls/{call_id}/devices/{device_id}"), DEVICE_REPORT,
		.subject = &call_subject, .in = &call_device_put_shape, .out = &call_device_shape,
		.refusals = { &statistics_devices_full }, HANDLE(call_device_report),
		.summary = "Report what became of a call on a device; what is absent stays",
		.text = "201 when it is the first report about this device, else 200.",
		.example = "{\"rang_at\":\"2026-01-31T23:59:01Z\",\"invite_terminated\":"
			   "{\"at\":\"2026-01-31T23:59:09Z\",\"state\":\"accepted\"}}" },
	{ PATCH("/api/statistics/calls/{call_id}"), REPORT, .subject = &call_subject,
		.in = &call_change_shape, .out = &call_shape, HANDLE(call_end_report),
		.summary = "Report the end of a call",
		.example = "{\"ended_at\":\"2026-01-31T23:59:59Z\"}" },
	ENDPOINTS_END,
};
