/* The actions of an account (accounts-api I.13). One that does not send DTMF has none to speak of. */
#ifndef DIALTONE_RESOURCES_ACCOUNT_ACTIONS_ACCOUNT_ACTION_H
#define DIALTONE_RESOURCES_ACCOUNT_ACTIONS_ACCOUNT_ACTION_H

#include "base/rows.h"
#include "base/subject.h"
#include "resources/account_actions/fields.h"
#include "service/service.h"

/* {id} of an account, and {action_id} below it: struct account_action.  An account without that action is
 * there all the same, with id 0. */
extern const struct subject account_actions_subject, account_action_subject;

/* The account has no DTMF protocol. */
extern const struct refusal account_action_no_dtmf;

/* Whether the account may have actions: account_action_no_dtmf. */
MUST_CHECK enum err account_action_allowed(struct service *s, const struct account_action *of);

/* Those of {id}, by id: struct account_action. */
extern const struct subject account_actions_of;
/* limit_reached; ERR_NOT_FOUND: the account is gone. */
MUST_CHECK enum err account_action_create(struct service *s, const struct account_action *of,
	const struct account_action *in, struct account_action *ret);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err account_action_update(struct service *s, const struct account_action *now,
	const struct account_action *in, struct account_action *ret);
MUST_CHECK enum err account_action_delete(
	struct service *s, const struct account_action *a, int64_t *ret_count);

#endif
