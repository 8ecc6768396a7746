/*
 * Users change their own password (accounts-api I.6): the rules that need the one before.
 *
 * What a password may be is resources/accounts/policy.h, how wrong ones are counted identity/lock.h.
 */
#ifndef DIALTONE_RESOURCES_PASSWORDS_PASSWORD_H
#define DIALTONE_RESOURCES_PASSWORDS_PASSWORD_H

#include "resources/accounts/account.h"
#include "service/caller.h"
#include "service/service.h"

struct password_change {
	const char *password, *algorithm; /* algorithm NULL: the space's default */
	const char *old_password;         /* NULL: none was given */
};

/* The first one needs none before it.  With it end all sessions but the caller's, all API keys but the
 * one it came with, and the provisioning token; the account is activated, unless an administrator
 * deactivated it.  Not inside a transaction: wrong ones are counted whatever becomes of the rest.
 * ERR_INVALID, fields in s->errors: also for a wrong old one, and for any while the account is locked,
 * with s->retry_after_s. */
MUST_CHECK enum err password_change_own(struct service *s, const struct identity *who,
	const struct password_change *in, struct account *ret);

#endif
