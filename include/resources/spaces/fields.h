/*
 * A space: a tenant with one SIP domain and one HTTP host (accounts-api section 2).
 * Plain data; texts belong to the arena it was read into, which for the ones of resources/spaces/space.h is
 * the list that all requests share.
 */
#ifndef DIALTONE_RESOURCES_SPACES_FIELDS_H
#define DIALTONE_RESOURCES_SPACES_FIELDS_H

#include "base/field.h"

#define SPACE_DOMAIN_MAX     253 /* characters; of the host, too */
#define SPACE_NAME_MAX       255 /* characters */
#define SPACE_GRACE_DAYS_MAX 365

struct space {
	int64_t id;
	const char *domain, *host, *name;
	bool super, expired;
	int64_t max_accounts; /* 0: no limit */
	const char *realm;    /* resolved: the digest realm, or the domain */
	const char *default_algorithm;
	bool allows_md5, allows_sha256;
	int64_t username_min_length; /* 0: the server's setting */
};

extern const struct field space_fields[];

#endif
