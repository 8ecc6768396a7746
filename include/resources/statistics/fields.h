/*
 * What SIP servers report about messages and calls (accounts-api I.17, 12), and how many accounts were made:
 * plain structs.
 */
#ifndef DIALTONE_RESOURCES_STATISTICS_FIELDS_H
#define DIALTONE_RESOURCES_STATISTICS_FIELDS_H

#include "base/field.h"

#define STATISTICS_ID_MAX         64  /* characters, as the others */
#define STATISTICS_ADDRESS_MAX    256 /* user@domain */
#define STATISTICS_CONFERENCE_MAX 255
#define STATISTICS_DEVICES_MAX    1000 /* of a call; of a message to one address */

struct message {
	int64_t number; /* of the row; the id is the reporter's */
	const char *id, *domain, *from_username, *from_domain;
	int64_t sent_at;
	bool encrypted;
	const char *conference_id;
};

struct message_device {
	int64_t id, message; /* message: its number */
	const char *message_id, *to_username, *to_domain, *device_id;
	int64_t last_status, received_at, created_at, updated_at;
	bool is_new;
};

struct call {
	int64_t number;
	const char *id, *domain, *from_username, *from_domain, *to_username, *to_domain;
	int64_t initiated_at, ended_at;
	const char *conference_id;
	int64_t created_at, updated_at;
	const char *devices; /* JSON, an array of call_device_shape */
};

struct call_device {
	int64_t id, call; /* call: its number */
	const char *call_id, *device_id;
	int64_t rang_at, invite_terminated_at;
	const char *invite_terminated_state;
	int64_t created_at, updated_at;
	bool is_new;
};

/* Of the accounts that were made in one hour or on one day. */
struct registrations {
	const char *moment; /* "2026-01-31 23" or "2026-01-31" */
	int64_t all, phone, email, activated_phone, activated_email;
};

extern const struct field message_fields[], message_device_fields[], call_fields[],
	call_device_fields[], registrations_fields[];
extern const struct shape message_device_shape, call_shape, call_device_shape, registrations_shape;

/* How an INVITE ended; NULL-terminated. */
extern const char *const call_device_states[];

#endif
