/* Records in the database. */
#ifndef DIALTONE_RESOURCES_STATISTICS_STATISTICS_PRIV_H
#define DIALTONE_RESOURCES_STATISTICS_STATISTICS_PRIV_H

#include "base/rows.h"
#include "resources/statistics/fields.h"
#include "service/service.h"

/* ERR_CONFLICT: the id is taken, or the space is gone. */
MUST_CHECK enum err message_store_insert(struct service *s, const struct message *m);
MUST_CHECK enum err call_store_insert(struct service *s, const struct call *call);

/* ERR_CONFLICT: the record is gone.  ERR_NOT_FOUND: it has as many devices as it may. */
MUST_CHECK enum err message_device_store_put(
	struct service *s, const struct message_device *d, struct message_device *ret);
MUST_CHECK enum err call_device_store_put(
	struct service *s, const struct call_device *d, struct call_device *ret);

/* ERR_NOT_FOUND. */
MUST_CHECK enum err call_store_end(struct service *s, const struct call *call, struct call *ret);
/* By id: struct call_device, without call_id. */
MUST_CHECK enum err call_device_store_list(
	struct service *s, const struct call *call, struct rows *ret);

#endif
