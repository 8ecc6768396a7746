/* The old HMAC login in the database: which account a name stands for, and uses.  Tokens are not here. */
#ifndef DIALTONE_RESOURCES_HMAC_LOGIN_HMAC_LOGIN_PRIV_H
#define DIALTONE_RESOURCES_HMAC_LOGIN_HMAC_LOGIN_PRIV_H

#include <stdint.h>

#include "base/field.h"
#include "service/service.h"

/* The account a typed name stands for. */
struct hmac_login_name {
	const char *username;
	bool second_factor; /* the account has one, or has to have one by now */
};

/* An account's own name, or the number of one of its extensions. ERR_NOT_FOUND. */
MUST_CHECK enum err hmac_store_resolve(
	struct service *s, const char *domain, const char *name, struct hmac_login_name *ret);

/* n uses, by domain, user name and program; the same triple comes once. */
struct deprecated_use_batch {
	const char *const *domains, *const *usernames, *const *user_agents;
	const int64_t *counts;
	size_t n;
};
MUST_CHECK enum err hmac_store_count_uses(
	struct service *s, const struct deprecated_use_batch *batch);

#endif
