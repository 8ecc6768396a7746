/*
 * Which space a request is for: the HTTP host decides (accounts-api 2.1).
 *
 * The spaces are few and asked for by every request, so each process keeps them for up to a second;
 * when the database is away it goes on with the ones it has.
 */
#ifndef DIALTONE_RESOURCES_SPACES_SPACE_H
#define DIALTONE_RESOURCES_SPACES_SPACE_H

#include "service/service.h"
#include "resources/spaces/fields.h"

struct spaces *spaces_new(void);
void spaces_free(struct spaces **s);

/* host: lower-case, without port.  ERR_NOT_FOUND when no space has it; with single_space_fallback
 * the only space has every host.  *ret is borrowed until the end of the request. */
MUST_CHECK enum err space_by_host(struct service *s, const char *host, const struct space **ret);
/* NULL in *ret when there is none. */
MUST_CHECK enum err space_by_domain(
	struct service *s, const char *domain, const struct space **ret);

/* Whether no other space is known, as space_by_host() last saw it. */
bool space_is_the_only_one(const struct service *s);

/* All of them, by id; an array in that arena. */
MUST_CHECK enum err space_list(
	struct service *s, struct arena *arena, struct space **ret, size_t *ret_count);
/* Creates the space of this domain, or changes its host, name and super flag.  ERR_CONFLICT: another
 * space has the host or the name. */
MUST_CHECK enum err space_put(struct service *s, const char *domain, const char *host,
	const char *name, bool super, int64_t *ret_id);
/* "off", "optional" or "required", from now on; ERR_NOT_FOUND. */
MUST_CHECK enum err space_set_two_factor(
	struct service *s, const char *domain, const char *policy, int64_t grace_days);
/* Inside a transaction: no other request adds an account to the space before it ends. */
MUST_CHECK enum err space_lock(struct service *s, const char *domain);

#endif
