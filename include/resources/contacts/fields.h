/*
 * A contact as the account that has it sees it (O-CONTACT, accounts-api section 4): another account,
 * without anything that opens it.
 */
#ifndef DIALTONE_RESOURCES_CONTACTS_FIELDS_H
#define DIALTONE_RESOURCES_CONTACTS_FIELDS_H

#include "base/field.h"

#define CONTACTS_MAX       10000 /* given to an account in person */
#define CONTACTS_SHOWN_MAX 20000 /* of an account in all */

struct contact {
	int64_t id;
	const char *username, *domain, *sip_uri;
	bool activated;
	const char *display_name, *dtmf_protocol;
	const char *types, *actions; /* JSON */
};
extern const struct field contact_fields[];
extern const struct shape contact_shape; /* "Contact" */

/* An account, and one that is its contact or may be. */
struct contact_link {
	int64_t account_id, contact_id;
	int64_t count; /* contacts it was given besides; not known where a link is to end */
};
extern const struct field contact_link_fields[];

#endif
