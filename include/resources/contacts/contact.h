/* The contacts an account was given: other accounts, shown in its phones' address books. */
#ifndef DIALTONE_RESOURCES_CONTACTS_CONTACT_H
#define DIALTONE_RESOURCES_CONTACTS_CONTACT_H

#include "base/rows.h"
#include "resources/accounts/fields.h"
#include "service/service.h"

/* Those given to it in person, without those of its contacts lists, by id: struct account. */
MUST_CHECK enum err contact_list(struct service *s, const struct account *owner, struct rows *ret);

#endif
