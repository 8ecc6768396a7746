/*
 * The states of the extensions of a domain as a user of it may see them (cti-api 2.6, 2.10, 4.1): all of them, offline
 * ones too, since clients take a number that is among them for an internal one.
 */
#ifndef DIALTONE_RESOURCES_EXTEN_STATES_EXTEN_STATES_H
#define DIALTONE_RESOURCES_EXTEN_STATES_EXTEN_STATES_H

#include "base/json_writer.h"
#include "base/rows.h"
#include "base/subject.h"
#include "permissions/rooms.h"
#include "service/service.h"

/* One extension of the caller's domain, by the {exten} of the path: struct exten_owner. */
struct exten_owner {
	int64_t account_id;
	const char *exten, *username, *display_name;
	const char *presence; /* chosen */
	bool is_device; /* false: it stands for the devices of its user, and has no state of its own */
};
extern const struct subject exten_owner_subject;

/* Who looks: their own extensions are shown as they are. */
struct exten_reader {
	int64_t account_id;
	bool sees_calls;
	enum room_view view;
};
struct exten_reader exten_reader_of(int64_t account_id, const char *capabilities);

/* An object of all; users, extensions: cti_users_of_domain, extensions_of_domain. */
void exten_states_write(struct service *s, const char *domain, const struct rows *users,
	const struct rows *extensions, const struct exten_reader *reader, struct json_writer *w);
void exten_state_of_one(struct service *s, const char *domain, const struct exten_owner *x,
	const struct exten_reader *reader, struct json_writer *w);

/* An object of the mailboxes that any message is known of: {"201":{"newMessageCount":"2"}}. */
void voicemail_counters_write(
	struct service *s, const char *domain, const struct rows *users, struct json_writer *w);

#endif
