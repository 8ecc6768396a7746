/* What a change of a password changes in the database besides the password. */
#ifndef DIALTONE_RESOURCES_PASSWORDS_PASSWORDS_PRIV_H
#define DIALTONE_RESOURCES_PASSWORDS_PASSWORDS_PRIV_H

#include "resources/accounts/account.h"
#include "service/caller.h"

/* Locks the account; its sessions but this one (NULL: none) end with what this transaction changes. */
MUST_CHECK enum err password_store_hold(struct service *s, const struct identity *who);
/* *ret: that HA1 is still stored; NULL: there is none at all. */
MUST_CHECK enum err password_store_is(
	struct service *s, int64_t account_id, const char *ha1, bool *ret);
/* Activates the account where it may be; drops other API keys and the unused provisioning token. */
MUST_CHECK enum err password_store_follow(struct service *s, const struct identity *who);

/* store_reset.c.  Both ERR_NOT_FOUND. */
struct reset_state {
	bool over; /* used, or expired */
};
MUST_CHECK enum err reset_store_state(
	struct service *s, const char *domain, struct str hash, struct reset_state *ret);
/* Uses it up, in one statement; *ret is its account's id and name. */
MUST_CHECK enum err reset_store_take(
	struct service *s, const char *domain, struct str hash, struct identity *ret);

#endif
