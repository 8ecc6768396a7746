/* Actions of accounts in the database. ERR_NOT_FOUND: there is none. */
#ifndef DIALTONE_RESOURCES_ACCOUNT_ACTIONS_ACCOUNT_ACTIONS_PRIV_H
#define DIALTONE_RESOURCES_ACCOUNT_ACTIONS_ACCOUNT_ACTIONS_PRIV_H

#include "resources/account_actions/fields.h"
#include "service/service.h"

/* ERR_CONFLICT: the account is gone; ERR_NOT_FOUND: it has enough. */
MUST_CHECK enum err account_action_store_insert(
	struct service *s, const struct account_action *a, struct account_action *ret);
MUST_CHECK enum err account_action_store_update(
	struct service *s, const struct account_action *a, struct account_action *ret);

#endif
