/*
 * The old HMAC login in the database: whose name a client means, and who still uses it.  Tokens are
 * not here.
 */
#ifndef DIALTONE_STORE_LEGACY_STORE_H
#define DIALTONE_STORE_LEGACY_STORE_H

#include <stdint.h>

#include "base/field.h"
#include "service/service.h"

/* Whom a name means. */
struct legacy_name {
	const char *username;
	bool second_factor; /* the account has one, or has to have one by now */
};

/* An account's own name, or the number of one of its extensions. ERR_NOT_FOUND. */
MUST_CHECK enum err legacy_store_resolve(
	struct service *s, const char *domain, const char *name, struct legacy_name *ret);

/* n uses, by domain, user name and program; the same triple comes once. */
struct legacy_use_batch {
	const char *const *domains, *const *usernames, *const *user_agents;
	const int64_t *counts;
	size_t n;
};
MUST_CHECK enum err legacy_store_count_uses(
	struct service *s, const struct legacy_use_batch *batch);

struct legacy_use {
	const char *domain, *username, *user_agent;
	int64_t requests, first_used_at, last_used_at;
};
extern const struct field legacy_use_fields[];

/* The latest first. */
MUST_CHECK enum err legacy_store_report(
	struct service *s, struct legacy_use **ret, size_t *ret_count);

#endif
