/*
 * Users of the CTI in the database.  Events about a change are written by the database itself, in
 * the same transaction.
 */
#ifndef DIALTONE_STORE_CTI_USER_STORE_H
#define DIALTONE_STORE_CTI_USER_STORE_H

#include "model/cti_user.h"
#include "service/service.h"

/* The three situations a user chooses an answer for. */
enum presence_kind { PRESENCE_NOW, PRESENCE_ON_BUSY, PRESENCE_ON_UNAVAILABLE, PRESENCE_KINDS };

/* domain NULL: any. ERR_NOT_FOUND. */
MUST_CHECK enum err cti_user_store_get(
	struct service *s, const char *domain, int64_t account_id, struct cti_user *ret);
MUST_CHECK enum err cti_user_store_grants(
	struct service *s, int64_t account_id, struct cti_grants *ret);
/* The same of several with their sessions, an array in the arena; those who do not exist are left out. */
MUST_CHECK enum err cti_user_store_audiences(struct service *s, const int64_t *account_ids,
	size_t n, struct cti_audience **ret, size_t *ret_count);
/* Everybody of the domain who is not blocked, by id. */
MUST_CHECK enum err cti_user_store_list(
	struct service *s, const char *domain, struct cti_user **ret, size_t *ret_count);
/* A JSON object: user name to picture. */
MUST_CHECK enum err cti_user_store_avatars(struct service *s, const char *domain, const char **ret);

MUST_CHECK enum err cti_user_store_set_presence(struct service *s, int64_t account_id,
	enum presence_kind kind, const char *status, const char *to);
MUST_CHECK enum err cti_user_store_set_default_device(
	struct service *s, int64_t account_id, const char *exten);

MUST_CHECK enum err cti_user_store_admin_get(
	struct service *s, const char *domain, int64_t account_id, struct cti_user_change *ret);
/* Replaces all but presence. ERR_NOT_FOUND: no such account in the domain. */
MUST_CHECK enum err cti_user_store_admin_put(
	struct service *s, const char *domain, const struct cti_user_change *in);

#endif
