/* Contacts in the database. */
#ifndef DIALTONE_RESOURCES_CONTACTS_CONTACTS_PRIV_H
#define DIALTONE_RESOURCES_CONTACTS_CONTACTS_PRIV_H

#include "base/rows.h"
#include "resources/accounts/fields.h"
#include "resources/contacts/fields.h"
#include "service/service.h"

/* ERR_CONFLICT: one of the two is gone. One that is there stays. */
MUST_CHECK enum err contact_store_add(struct service *s, const struct contact_link *l);
MUST_CHECK enum err contact_store_remove(
	struct service *s, const struct contact_link *l, int64_t *ret_count);

#endif
