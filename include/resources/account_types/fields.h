/* A type of accounts (O-TYPE, accounts-api section 4): all spaces share them. */
#ifndef DIALTONE_RESOURCES_ACCOUNT_TYPES_FIELDS_H
#define DIALTONE_RESOURCES_ACCOUNT_TYPES_FIELDS_H

#include "base/field.h"

#define ACCOUNT_TYPE_KEY_MAX     64
#define ACCOUNT_TYPES_MAX        1000
#define ACCOUNT_TYPES_OF_ONE_MAX 64

struct account_type {
	int64_t id;
	const char *key;
};
extern const struct field account_type_fields[];
extern const struct shape account_type_shape; /* "AccountType" */

/* A type and an account that has it, or may get it. */
struct account_type_link {
	int64_t account_id, account_type_id;
	int64_t count; /* types the account has; not known where a link is to end */
};
extern const struct field account_type_link_fields[];

#endif
