/* Which rooms a client is in, and what else its user may. */
#ifndef DIALTONE_RELAY_CORE_ROOMS_H
#define DIALTONE_RELAY_CORE_ROOMS_H

#include "base/err.h"
#include "relay/core/core.h"

/* What a user may hear and do. */
struct cti_permissions {
	struct str rooms, ext; /* separated by spaces */
	uint8_t capabilities;  /* a bit for each of enum relay_capability */
	int64_t version;       /* of two the higher one is newer; 0: it is not told */
};

/* Of a client that has entered: joins these rooms instead of the present ones. ERR_LIMIT: too many or
 * too long names. */
MUST_CHECK enum err rooms_permit(struct cti_client *c, const struct cti_permissions *p);
/* The same, if these are newer than those it has. */
MUST_CHECK enum err rooms_learn(struct cti_client *c, const struct cti_permissions *p);
/* Leaves all. */
void rooms_leave(struct cti_client *c);

#endif
