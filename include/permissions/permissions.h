/*
 * What relays have to know of a user (cti-api 2.10, 3.1): where events reach them, which requests
 * relays may fulfil, and until when.  The API tells them at login, dialtone-jobs after each change.
 */
#ifndef DIALTONE_PERMISSIONS_PERMISSIONS_H
#define DIALTONE_PERMISSIONS_PERMISSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* What a user may do, and where events reach them. */
struct profile_grants {
	const char *profile_id;   /* NULL: none of the tables */
	const char *capabilities; /* see permissions/capability.h */
	const char *extensions;   /* with spaces between them */
	bool admin;               /* of the space */
	int64_t must_enrol_at;    /* microseconds: without a second factor nothing more; 0: never */
	int64_t read_at;          /* microseconds of the database's clock, before it looked */
};

struct permissions {
	const char *rooms, *extensions; /* with spaces between them */
	const char *capabilities; /* of permissions/relay_capability.h, with spaces between them */
	int64_t version;          /* of two the higher one is the newer one */
	int64_t ends_at;          /* microseconds; 0: with the session */
};

/* Texts are the grants' or made in the arena. */
struct permissions permissions_of_profile(const struct profile_grants *grants, struct arena *arena);
/* When a session ends for relays that would end then for REST; both in microseconds. */
int64_t permissions_end(const struct permissions *r, int64_t session_ends_at);

#endif
