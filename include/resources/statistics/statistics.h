/*
 * What SIP servers report about messages and calls, and how many accounts were made (accounts-api I.17).
 *
 * A record belongs to one space, where its id is unique: to the space of the domain of `from` when a super
 * administrator reports it and there is such a space, else to the space of the request's host.  Records
 * of another space are as unknown; a super administrator finds an id in any, that of the host first.
 */
#ifndef DIALTONE_RESOURCES_STATISTICS_STATISTICS_H
#define DIALTONE_RESOURCES_STATISTICS_STATISTICS_H

#include "base/refusal.h"
#include "base/rows.h"
#include "base/subject.h"
#include "resources/spaces/fields.h"
#include "resources/statistics/fields.h"
#include "service/service.h"

/* {message_id}: struct message; {call_id}: struct call. */
extern const struct subject message_subject, call_subject;

extern const struct refusal statistics_id_taken, statistics_unknown, statistics_devices_full;

/* Who reports. */
struct reporter {
	bool super;
	const struct space *space; /* of the host */
};

/* Absent members are NULL and 0. */
struct message_input {
	const char *id, *from; /* user@domain */
	int64_t sent_at;
	bool encrypted;
	const char *conference_id;
};
struct message_device_input {
	const char *to, *device_id; /* of the path */
	int64_t last_status, received_at;
};
struct call_input {
	const char *id, *from, *to;
	int64_t initiated_at, ended_at;
	const char *conference_id;
};
struct call_device_input {
	const char *device_id;
	int64_t rang_at, invite_terminated_at;
	const char *invite_terminated_state;
};

/* ERR_REFUSED: statistics_id_taken. */
MUST_CHECK enum err message_add(
	struct service *s, const struct reporter *by, const struct message_input *in);
MUST_CHECK enum err call_add(
	struct service *s, const struct reporter *by, const struct call_input *in);

/* Makes the device's row or changes it; ret->is_new tells.  ERR_REFUSED: statistics_unknown (the record is
 * gone), statistics_devices_full. */
MUST_CHECK enum err message_device_put(struct service *s, const struct message *m,
	const struct message_device_input *in, struct message_device *ret);
/* The same; what is absent stays.  ERR_INVALID: an end without its time or its state. */
MUST_CHECK enum err call_device_put(struct service *s, const struct call *call,
	const struct call_device_input *in, struct call_device *ret);

/* ERR_NOT_FOUND: it is gone. */
MUST_CHECK enum err call_end(
	struct service *s, const struct call *call, int64_t ended_at, struct call *ret);

/* How many accounts of the space were made: struct registrations, one for each hour or day of the span
 * that ends now, in UTC. */
extern const struct subject registrations_of_day, registrations_of_week, registrations_of_month;

#endif
