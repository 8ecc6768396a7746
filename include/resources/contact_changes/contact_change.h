/*
 * Users change their own e-mail address or phone number (accounts-api I.8, I.9, II.7, 9.4): what is asked for
 * waits until the code sent to the new address, or number, comes back.
 *
 * One code of a kind is alive for an account.  It opens once, and nothing after three wrong tries: a try is
 * counted before the code is looked at, so parallel ones have three, too.  Too many requests in a time block
 * the account (3.6).
 */
#ifndef DIALTONE_RESOURCES_CONTACT_CHANGES_CONTACT_CHANGE_H
#define DIALTONE_RESOURCES_CONTACT_CHANGES_CONTACT_CHANGE_H

#include "resources/accounts/account.h"
#include "service/caller.h"
#include "service/refusal.h"

enum contact_kind { CONTACT_EMAIL, CONTACT_PHONE, CONTACT_KINDS };

/* not_validated: no creation token was consumed for the account (contact_change_requires_creation_token). */
extern const struct refusal not_validated, contact_code_over;

/* value NULL: it was bad, which s->errors says already.  Not inside a transaction: a block stays although
 * the request is refused.  In this order: ERR_BLOCKED, not_validated, ERR_INVALID. */
MUST_CHECK enum err contact_change_request(struct service *s, const struct identity *who,
	enum contact_kind kind, const char *value, const char *language);

/* The account has it from then on, and is activated unless an administrator deactivated it.  Not inside a
 * transaction: a wrong try stays counted.  ERR_NOT_FOUND: no code waits; contact_code_over: it expired, or
 * was tried too often; ERR_INVALID: it is wrong, or what it is about belongs to another by now. */
MUST_CHECK enum err contact_change_confirm(struct service *s, const struct identity *who,
	enum contact_kind kind, const char *code, struct account *ret);

#endif
