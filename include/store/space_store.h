/*
 * Spaces in the database.  They are read whole: there are few, and domain/space.h keeps them.
 */
#ifndef DIALTONE_STORE_SPACE_STORE_H
#define DIALTONE_STORE_SPACE_STORE_H

#include "model/space.h"
#include "service/service.h"

/* All of them, by id; an array in the arena. */
MUST_CHECK enum err space_store_list(
	struct service *s, struct arena *arena, struct space **ret, size_t *ret_count);
/* Creates the space of this domain, or changes its host, name and super flag.  ERR_CONFLICT: another
 * space has the host or the name. */
MUST_CHECK enum err space_store_put(struct service *s, const char *domain, const char *host,
	const char *name, bool super, int64_t *ret_id);
/* "off", "optional" or "required", from now on; ERR_NOT_FOUND. */
MUST_CHECK enum err space_store_set_two_factor(
	struct service *s, const char *domain, const char *policy, int64_t grace_days);
/* Inside a transaction: nobody else adds an account to the space before it ends. */
MUST_CHECK enum err space_store_lock(struct service *s, const char *domain);

#endif
