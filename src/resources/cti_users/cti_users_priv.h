/*
 * Users of the CTI in the database.  Events about a change are written by the database itself, in
 * the same transaction.
 */
#ifndef DIALTONE_RESOURCES_CTI_USERS_CTI_USERS_PRIV_H
#define DIALTONE_RESOURCES_CTI_USERS_CTI_USERS_PRIV_H

#include "resources/cti_users/fields.h"
#include "service/service.h"

MUST_CHECK enum err cti_user_store_set_default_device(
	struct service *s, int64_t account_id, const char *exten);

MUST_CHECK enum err cti_user_store_admin_get(
	struct service *s, const char *domain, int64_t account_id, struct cti_user_change *ret);
/* Replaces all but presence. ERR_NOT_FOUND: no such account in the domain. */
MUST_CHECK enum err cti_user_store_admin_put(
	struct service *s, const char *domain, const struct cti_user_change *in);

#endif
