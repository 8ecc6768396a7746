/*
 * Permission profiles in the database, per domain: those of other domains are ERR_NOT_FOUND for the
 * caller, like those that are not there.
 */
#ifndef DIALTONE_RESOURCES_PROFILES_PROFILES_PRIV_H
#define DIALTONE_RESOURCES_PROFILES_PROFILES_PRIV_H

#include "macros.h"
#include "resources/profiles/fields.h"
#include "service/service.h"

MUST_CHECK enum err profile_store_get(
	struct service *s, const char *domain, int64_t id, struct profile *ret);
/* ERR_CONFLICT: the name is in use, or another one is the default (constraints profiles_name_key
 * and profiles_default_key); ERR_LIMIT: the domain has PROFILES_MAX, or PROFILES_MAX_BYTES of them. */
MUST_CHECK enum err profile_store_insert(struct service *s, const char *domain,
	const struct profile *p, const struct capability_list *grants, int64_t *ret_id);
/* ERR_CONFLICT and ERR_LIMIT, likewise. */
MUST_CHECK enum err profile_store_update(struct service *s, const char *domain,
	const struct profile *p, const struct capability_list *grants);
/* Its users have the default one afterwards. */
MUST_CHECK enum err profile_store_delete(struct service *s, const char *domain, int64_t id);

#endif
