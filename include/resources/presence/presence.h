/*
 * Where a user can be reached: the choice for now, for when the line is busy, and for when the user
 * cannot be reached (cti-api 2.7, 4.2).
 */
#ifndef DIALTONE_RESOURCES_PRESENCE_PRESENCE_H
#define DIALTONE_RESOURCES_PRESENCE_PRESENCE_H

#include "service/service.h"
#include "resources/cti_users/fields.h"
#include "resources/cti_users/fields.h"
#include "service/service.h"

#define PRESENCES_MAX       5
#define PRESENCE_TARGET_MAX 64 /* characters of where calls are forwarded to */

/* The three situations a user chooses an answer for. */
enum presence_kind { PRESENCE_NOW, PRESENCE_ON_BUSY, PRESENCE_ON_UNAVAILABLE, PRESENCE_KINDS };

struct presence_choice {
	const char *status;
	const char *to; /* of callforward, else NULL */
};

struct presence_choice presence_of(const struct cti_user *u, enum presence_kind kind);
/* ERR_BAD_REQUEST: no such status for this situation, or callforward to nowhere.
 * capability_missing: the profile does not allow it. Followers are told. */
MUST_CHECK enum err presence_choose(struct service *s, int64_t account_id, enum presence_kind kind,
	const struct presence_choice *choice);
/* What the user may choose; returns how many. */
size_t presence_choices(
	const struct cti_user *u, enum presence_kind kind, const char *ret[PRESENCES_MAX]);

/* A number, or a name, that calls can be forwarded to. */
bool presence_target_is_valid(const char *to);

#endif
