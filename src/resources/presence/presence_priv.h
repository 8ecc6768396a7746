/* What users chose, in the database.  Followers hear of a change through the outbox. */
#ifndef DIALTONE_RESOURCES_PRESENCE_PRESENCE_PRIV_H
#define DIALTONE_RESOURCES_PRESENCE_PRESENCE_PRIV_H

#include "resources/presence/presence.h"

MUST_CHECK enum err presence_store_set(struct service *s, int64_t account_id,
	enum presence_kind kind, const char *status, const char *to);

#endif
