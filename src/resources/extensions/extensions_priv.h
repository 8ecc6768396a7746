/* Extensions in the database. ERR_NOT_FOUND: there is none. */
#ifndef DIALTONE_RESOURCES_EXTENSIONS_EXTENSIONS_PRIV_H
#define DIALTONE_RESOURCES_EXTENSIONS_EXTENSIONS_PRIV_H

#include "resources/extensions/fields.h"
#include "service/service.h"

/* By number. */
MUST_CHECK enum err extension_store_list(
	struct service *s, int64_t account_id, struct extension **ret, size_t *ret_count);
MUST_CHECK enum err extension_store_get(
	struct service *s, int64_t account_id, const char *exten, struct extension *ret);

/* secret_sealed.p NULL: none. ERR_CONFLICT: the number is in use; ERR_NOT_FOUND: no such account; ERR_LIMIT: it has
 * EXTENSIONS_OF_ONE_MAX. */
MUST_CHECK enum err extension_store_insert(
	struct service *s, const char *domain, const struct extension *e);
/* Replaces it, HA1 too; secret_sealed.p NULL leaves the secret as it is. */
MUST_CHECK enum err extension_store_update(struct service *s, const struct extension *x);
MUST_CHECK enum err extension_store_delete(
	struct service *s, int64_t account_id, const char *exten);

#endif
