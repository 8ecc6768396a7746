/*
 * A user as web, desktop and mobile clients know them (cti-api 1.5): an account with a permission
 * profile, numbers, presence and settings of their own.  Plain data; texts belong to the arena it was
 * read into.
 */
#ifndef DIALTONE_RESOURCES_CTI_USERS_FIELDS_H
#define DIALTONE_RESOURCES_CTI_USERS_FIELDS_H

#include "base/field.h"

struct cti_user {
	int64_t account_id;
	const char *username, *display_name, *email, *phone;
	const char *main_extension; /* never NULL: the account's name if nothing else is stored */
	const char *voicemail, *cellphone, *jabber;
	bool recall_on_busy;
	const char *presence, *on_busy, *on_unavailable;
	bool listed_alone; /* in a list: the caller, as the domain is too large for it */
	/* Of one user alone, NULL or false in lists: */
	const char *domain, *default_device;
	bool call_summary_enabled;
	const char *presence_to, *on_busy_to, *on_unavailable_to;
	const char *profile_id, *profile_name;
	const char *macro_permissions, *outbound_routes_permissions; /* JSON */
	const char *capabilities; /* see permissions/capability.h */
	const char *settings;     /* JSON object */
};

/* What an administrator sees and writes of it. */
struct cti_user_change {
	int64_t account_id;
	int64_t profile_id; /* 0: the domain's default profile */
	const char *main_extension, *voicemail, *cellphone, *jabber, *default_device;
	enum tri call_summary_enabled, recall_on_busy;
};
extern const struct shape cti_user_change_shape; /* "CtiUser" */

#endif
