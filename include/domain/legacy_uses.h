/*
 * Who still uses the old paths, collected in the process and written in batches: a request never
 * costs a write.  What was not written when a worker is killed is lost, and only that.
 */
#ifndef DIALTONE_DOMAIN_LEGACY_USES_H
#define DIALTONE_DOMAIN_LEGACY_USES_H

#include "base/str.h"
#include "service/service.h"

struct legacy_uses *legacy_uses_new(void);
void legacy_uses_free(struct legacy_uses **u);
/* Counts one request. username may be what a client only claims: whether there is such an account
 * is seen when it is written.  Beyond 256 different ones between two writes nothing is counted. */
void legacy_uses_add(
	struct legacy_uses *u, const char *domain, struct str username, struct str user_agent);
/* Writes what was collected. Kept for the next time when the database is away. */
void legacy_uses_flush(struct service *s);

#endif
