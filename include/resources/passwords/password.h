/*
 * Users change their own password (accounts-api I.6): the rules that need the one before.
 *
 * What a password may be is resources/accounts/policy.h, how wrong ones are counted identity/lock.h.
 */
#ifndef DIALTONE_RESOURCES_PASSWORDS_PASSWORD_H
#define DIALTONE_RESOURCES_PASSWORDS_PASSWORD_H

#include "resources/accounts/account.h"
#include "service/caller.h"
#include "service/refusal.h"
#include "service/service.h"

struct password_change {
	const char *password, *algorithm; /* algorithm NULL: the space's default */
	const char *old_password;         /* NULL: none was given */
};

/* The first one needs none before it.  With it end all sessions but the caller's, all API keys but the
 * one it came with, and the provisioning token; the account is activated, unless an administrator
 * deactivated it; after the first one the owner has a mail, in `language` (a tag).  Not inside a transaction: wrong ones are counted whatever becomes of the rest.
 * ERR_INVALID, fields in s->errors: also for a wrong old one, and for any while the account is locked,
 * with s->retry_after_s. */
MUST_CHECK enum err password_change_own(struct service *s, const struct identity *who,
	const struct password_change *in, const char *language, struct account *ret);

/* With the link of a mail (accounts-api II.8): a token that gives the account another password, once. */
struct password_reset {
	const char *token, *password, *confirmation;
};
extern const struct refusal password_link_over; /* 403: used or expired */
extern const struct refusal
	password_link_no_digest; /* 403: the space has no use for passwords of the API */

/* space: the request's. Unknown, of another space, of a blocked account or of one with another address by now:
 * ERR_NOT_FOUND. */
MUST_CHECK enum err password_reset_check(
	struct service *s, const struct space *space, const char *token);
/* Inside a transaction.  All sessions, API keys and the provisioning token end; the account is activated, unless an
 * administrator deactivated it.  ERR_INVALID, fields in s->errors: nothing is used up. */
MUST_CHECK enum err password_reset(
	struct service *s, const struct space *space, const struct password_reset *in);

#endif
