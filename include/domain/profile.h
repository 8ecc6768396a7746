/*
 * Permission profiles, made by the administrators of a domain (cti-api 1.5).
 */
#ifndef DIALTONE_DOMAIN_PROFILE_H
#define DIALTONE_DOMAIN_PROFILE_H

#include "base/field_errors.h"
#include "service/service.h"
#include "model/profile.h"

MUST_CHECK enum err profile_list(
	struct service *s, const char *domain, struct profile **ret, size_t *ret_count);
/* ERR_NOT_FOUND outside the domain, here and below. */
MUST_CHECK enum err profile_get(
	struct service *s, const char *domain, int64_t id, struct profile *ret);
/* Its users have the default one afterwards. */
MUST_CHECK enum err profile_delete(struct service *s, const char *domain, int64_t id);

/* JSON members that are NULL become empty.  Permissions given in arrays are kept by name.
 * ERR_INVALID, with the fields in `errors`: a name or default that is taken, permissions of another
 * form. */
MUST_CHECK enum err profile_create(struct service *s, const char *domain, const struct profile *in,
	struct field_errors *errors, struct profile *ret);
MUST_CHECK enum err profile_update(struct service *s, const char *domain, const struct profile *in,
	struct field_errors *errors, struct profile *ret);

#endif
