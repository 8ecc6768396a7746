/*
 * What an account may be called and hold: the rules of accounts-api section 5 that need settings, but
 * no database.  Those that need neither are base/syntax.h's.
 */
#ifndef DIALTONE_RESOURCES_ACCOUNTS_POLICY_H
#define DIALTONE_RESOURCES_ACCOUNTS_POLICY_H

#include "base/field_errors.h"
#include "base/str.h"
#include "service/service.h"
#include "resources/spaces/fields.h"

/* The configured part of R-USERNAME: shortest length (the space's, else the server's), pattern,
 * forbidden names. Adds to s->errors what is wrong for field "username". */
void account_username_rules(struct service *s, const struct space *space, const char *username);
/* R-NOT-PHONE. */
void account_not_phone_rule(struct service *s, const char *username);
/* R-PASSWORD and R-ALGO; either may be NULL. */
void account_password_rules(
	struct service *s, const struct space *space, const char *password, const char *algorithm);
/* How a password is stored (R-HASH). */
struct account_ha1 {
	const char *ha1, *algorithm;
	const char *other_ha1, *other_algorithm; /* NULL: one is enough */
};

/* algorithm NULL: the space's default. The other one is made with the setting password_store_both, where the
 * space allows it. */
void account_password_hash(struct service *s, const struct space *space, const char *username,
	const char *password, const char *algorithm, struct account_ha1 *ret);

/* R-COMMON-PASSWORD: for passwords that people choose. */
void account_common_password_rule(struct service *s, const char *password);

#endif
