/* Calls in the database. */
#ifndef DIALTONE_RESOURCES_CALLS_CALLS_PRIV_H
#define DIALTONE_RESOURCES_CALLS_CALLS_PRIV_H

#include <stdbool.h>

#include "service/service.h"

/* records: a JSON array of objects, the columns' names and "started_us" and so on; reported: statistics have them, too. */
MUST_CHECK enum err call_store_add(struct service *s, const char *records, bool reported);

#endif
