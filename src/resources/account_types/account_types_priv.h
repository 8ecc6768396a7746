/* Types of accounts in the database. ERR_NOT_FOUND: there is none. */
#ifndef DIALTONE_RESOURCES_ACCOUNT_TYPES_ACCOUNT_TYPES_PRIV_H
#define DIALTONE_RESOURCES_ACCOUNT_TYPES_ACCOUNT_TYPES_PRIV_H

#include "resources/account_types/fields.h"
#include "service/service.h"

/* ERR_CONFLICT: the key is in use (account_types_key_key); ERR_NOT_FOUND: there are enough. */
MUST_CHECK enum err account_type_store_insert(
	struct service *s, const struct account_type *t, struct account_type *ret);
MUST_CHECK enum err account_type_store_update(
	struct service *s, const struct account_type *t, struct account_type *ret);

/* *ret_count 0: it was there already. ERR_CONFLICT: account or type are gone. */
MUST_CHECK enum err account_type_store_attach(
	struct service *s, const struct account_type_link *l, int64_t *ret_count);
MUST_CHECK enum err account_type_store_detach(
	struct service *s, const struct account_type_link *l, int64_t *ret_count);

#endif
