/*
 * Permission profiles, made by the administrators of a domain (cti-api 1.5).
 */
#ifndef DIALTONE_RESOURCES_PROFILES_PROFILE_H
#define DIALTONE_RESOURCES_PROFILES_PROFILE_H

#include "permissions/permissions.h"
#include "base/rows.h"
#include "base/subject.h"
#include "service/service.h"
#include "resources/profiles/fields.h"

/* {id} of a path: struct profile, in the caller's space. */
extern const struct subject profile_subject;

/* By id: struct profile. */
extern const struct subject profiles_of_space;
/* ERR_NOT_FOUND outside the domain. */
MUST_CHECK enum err profile_get(
	struct service *s, const char *domain, int64_t id, struct profile *ret);
/* Its users have the default one afterwards. */
MUST_CHECK enum err profile_delete(struct service *s, const char *domain, const struct profile *p);

/* JSON members that are NULL become empty.  Permissions given in arrays are kept by name.
 * ERR_INVALID, with the fields in s->errors: a name or default that is taken, permissions of another
 * form.  limit_reached. */
MUST_CHECK enum err profile_create(
	struct service *s, const char *domain, const struct profile *in, struct profile *ret);
MUST_CHECK enum err profile_update(struct service *s, const char *domain, const struct profile *now,
	const struct profile *in, struct profile *ret);

/* What one of several accounts may do, with its sessions. */
struct account_permissions {
	int64_t account_id;
	struct profile_grants grants;
	/* The live ones, each with the second it ends: "id end id end", NULL without any. */
	const char *sessions;
};

/* What the account's profile grants. ERR_NOT_FOUND: no such account. */
MUST_CHECK enum err permissions_of(
	struct service *s, int64_t account_id, struct profile_grants *ret);
/* The same of several with their sessions, an array in the arena; those who do not exist are left out. */
MUST_CHECK enum err permissions_of_many(struct service *s, const int64_t *account_ids, size_t n,
	struct account_permissions **ret, size_t *ret_count);
extern const struct refusal capability_missing;

/* What the caller's profile grants: struct profile_grants. */
extern const struct subject grants_of_caller;
/* capability_missing: not this. */
MUST_CHECK enum err grants_include(
	struct service *s, const struct profile_grants *grants, const char *capability);

#endif
