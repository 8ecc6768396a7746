/*
 * What relays have to know of a user (cti-api 2.10, 3.1): where events reach him, which of his wishes
 * they may fulfil, and until when.  The API tells them at login, dialtone-jobs after each change.
 */
#ifndef DIALTONE_DOMAIN_REACH_H
#define DIALTONE_DOMAIN_REACH_H

#include "base/arena.h"
#include "model/cti_user.h"

struct reach {
	const char *rooms, *extensions; /* with blanks between them */
	const char *capabilities;       /* of model/relay_capability.h, with blanks between them */
	int64_t version;                /* of two the higher one is the newer one */
	int64_t ends_at;                /* microseconds; 0: with the session */
};

/* Texts are the grants' or made in the arena. */
struct reach reach_of(const struct cti_grants *grants, struct arena *arena);
/* When a session ends for relays that would end then for REST; both in microseconds. */
int64_t reach_end(const struct reach *r, int64_t session_ends_at);

#endif
