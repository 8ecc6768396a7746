/* An action of an account (O-ACTION, accounts-api section 4): a DTMF code under a name. */
#ifndef DIALTONE_RESOURCES_ACCOUNT_ACTIONS_FIELDS_H
#define DIALTONE_RESOURCES_ACCOUNT_ACTIONS_FIELDS_H

#include "base/field.h"

#define ACCOUNT_ACTION_TEXT_MAX 255 /* characters of key and code */
#define ACCOUNT_ACTIONS_MAX     64  /* of one account */

struct account_action {
	int64_t id;
	int64_t account_id;
	const char *dtmf_protocol; /* the account's; read with it, never written */
	const char *key, *code;
};
extern const struct field account_action_fields[];
extern const struct shape account_action_shape; /* "AccountAction" */

#endif
