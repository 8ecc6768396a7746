/*
 * Is it the password?  Asked by login and by rules that want it shown once more (cti-api 1.1, 1.9,
 * 1.11 and 5.8).
 *
 * Wrong answers are counted and lock for a while, for the right password too (identity/lock.h).  Known
 * and unknown names cost the same work and get the same answer.
 */
#ifndef DIALTONE_IDENTITY_PASSWORD_H
#define DIALTONE_IDENTITY_PASSWORD_H

#include "identity/lock.h"
#include "service/service.h"
#include "service/caller.h"

/* What is known of the account whose password was given. */
struct login_row {
	struct credentials credentials; /* account_id 0: there is no such account */
	bool two_factor;                /* it has a second factor */
	bool must_enrol;                /* it has to have one by now */
	bool required;                  /* its space requires one of all accounts */
};

/* The work is the same whatever is stored, also for an unknown account (zeroed, with empty names): the time tells
 * nothing.  Counts nothing. */
bool password_fits(const struct credentials *c, const char *password);

extern const struct refusal password_wrong;

/* password_wrong: it is, or there is no such account, or it is locked; s->retry_after_s says for how long. */
MUST_CHECK enum err password_check(struct service *s, enum door door, const char *username,
	const char *domain, const char *password, struct login_row *ret);

#endif
