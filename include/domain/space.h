/*
 * Which space a request is for: the HTTP host decides (accounts-api 2.1).
 *
 * The spaces are few and asked for by every request, so each process keeps them for up to a second;
 * when the database is away it goes on with the ones it has.
 */
#ifndef DIALTONE_DOMAIN_SPACE_H
#define DIALTONE_DOMAIN_SPACE_H

#include "service/service.h"
#include "model/space.h"

struct spaces *spaces_new(void);
void spaces_free(struct spaces **s);

/* host: lower-case, without port.  ERR_NOT_FOUND when no space has it; with single_space_fallback
 * the only space has every host.  *ret is borrowed until the end of the request. */
MUST_CHECK enum err space_by_host(struct service *s, const char *host, const struct space **ret);
/* NULL in *ret when there is none. */
MUST_CHECK enum err space_by_domain(
	struct service *s, const char *domain, const struct space **ret);

#endif
