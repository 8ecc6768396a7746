/* Contacts in the database. */
#ifndef DIALTONE_RESOURCES_CONTACTS_CONTACTS_PRIV_H
#define DIALTONE_RESOURCES_CONTACTS_CONTACTS_PRIV_H

#include "resources/accounts/fields.h"
#include "resources/contacts/fields.h"
#include "service/service.h"

/* At most CONTACTS_SHOWN_MAX + 1. */
MUST_CHECK enum err contact_store_own(
	struct service *s, int64_t account_id, struct contact **ret, size_t *ret_count);
MUST_CHECK enum err contact_store_list(
	struct service *s, const struct account *owner, struct account **ret, size_t *ret_count);

/* ERR_CONFLICT: one of the two is gone. One that is there stays. */
MUST_CHECK enum err contact_store_add(struct service *s, const struct contact_link *l);
MUST_CHECK enum err contact_store_remove(
	struct service *s, const struct contact_link *l, int64_t *ret_count);

#endif
