/* The account at another provider (O-EXTERNAL, accounts-api II.9). Its password is in no answer. Plain data. */
#ifndef DIALTONE_RESOURCES_EXTERNAL_ACCOUNTS_FIELDS_H
#define DIALTONE_RESOURCES_EXTERNAL_ACCOUNTS_FIELDS_H

#include "base/field.h"

#define EXTERNAL_USERNAME_MAX 64 /* characters */
#define EXTERNAL_HOST_MAX     253
#define EXTERNAL_TEXT_MAX     255

struct external_account {
	int64_t id;
	const char *username, *domain, *algorithm, *realm, *registrar, *outbound_proxy, *protocol;
	int64_t account_id, created_at, updated_at;
	bool is_new;
};
extern const struct field external_account_fields[];
extern const struct shape external_account_shape;

#endif
