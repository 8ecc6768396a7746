/* The clients of a relay by socket id. */
#ifndef DIALTONE_RELAY_CORE_DIRECTORY_H
#define DIALTONE_RELAY_CORE_DIRECTORY_H

#include "relay/core/core.h"

void directory_add(struct core *core, struct cti_client *c);
void directory_remove(struct core *core, struct cti_client *c);
/* NULL when there is none. */
struct cti_client *directory_find(const struct core *core, const char *sid);

#endif
