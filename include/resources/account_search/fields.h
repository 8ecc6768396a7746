/* An account with its call forwardings, as SIP servers look it up (accounts-api I.7, II.15). Plain data. */
#ifndef DIALTONE_RESOURCES_ACCOUNT_SEARCH_FIELDS_H
#define DIALTONE_RESOURCES_ACCOUNT_SEARCH_FIELDS_H

#include "resources/accounts/fields.h"

struct found_account {
	struct account account;
	const char *call_forwardings; /* a JSON array; no_answer is "away" in it */
};
extern const struct field found_account_fields[];
extern const struct shape found_account_shape; /* "FoundAccount" */

/* Whatever an address may be of: an account, for now. */
struct resolved {
	const char *type;    /* "account" */
	const char *payload; /* JSON of the shape found_account_shape */
};
extern const struct shape resolved_shape;

#endif
