/* vCards in the database. */
#ifndef DIALTONE_RESOURCES_VCARDS_VCARDS_PRIV_H
#define DIALTONE_RESOURCES_VCARDS_VCARDS_PRIV_H

#include "resources/vcards/fields.h"
#include "service/service.h"

/* Without "urn:uuid:". */
const char *vcard_key(const char *uid);

/* ERR_CONFLICT: the UID is known; ERR_NOT_FOUND: the account is gone; ERR_LIMIT. */
MUST_CHECK enum err vcard_store_insert(
	struct service *s, const struct stored_vcard *v, struct stored_vcard *ret);
/* ERR_NOT_FOUND: it is gone; ERR_LIMIT. */
MUST_CHECK enum err vcard_store_update(
	struct service *s, const struct stored_vcard *v, struct stored_vcard *ret);

#endif
