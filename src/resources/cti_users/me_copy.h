/*
 * GET /api/user/me while PostgreSQL is away: the last answer, sealed, from Redis (cti-api 1.14 b).  A web
 * client logs out at any failure of that call, so it outlives a restart of the database.
 */
#ifndef DIALTONE_RESOURCES_CTI_USERS_ME_COPY_H
#define DIALTONE_RESOURCES_CTI_USERS_ME_COPY_H

#include "service/caller.h"
#include "service/service.h"

/* Keeps it where there is none yet, or an old one. */
void me_copy_keep(struct service *s, const struct identity *who, struct str answer);
/* It is not true any more. */
void me_copy_drop(struct service *s, const struct identity *who);
/* The answer to this token, in the arena. ERR_UNAVAILABLE: there is none that could be given, for whatever
 * reason. ERR_REFUSED: the second factor is not proved. ERR_TOKEN_INVALID, ERR_TOO_MANY. */
MUST_CHECK enum err me_copy_find(struct service *s, struct str token, struct str *ret);

#endif
