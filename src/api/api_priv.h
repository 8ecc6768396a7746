/* What the files of api/ share. */
#ifndef DIALTONE_API_PRIV_H
#define DIALTONE_API_PRIV_H

#include "api/api.h"
#include "domain/identity.h"
#include "service/caller.h"
#include "service/service.h"

extern const struct endpoint account_endpoints[];
extern const struct endpoint cti_admin_endpoints[];
extern const struct endpoint cti_directory_endpoints[];
extern const struct endpoint cti_endpoints[];
extern const struct endpoint cti_presence_endpoints[];
extern const struct endpoint cti_user_endpoints[];
extern const struct endpoint legacy_endpoints[];
extern const struct endpoint session_endpoints[];
extern const struct endpoint system_endpoints[];
extern const struct endpoint token_endpoints[];
extern const struct endpoint two_factor_endpoints[];

static inline struct api *api_of(struct ctx *c)
{
	return c->app;
}

/* Before the row is looked for, and after the answer is made (src/api/entrance.c). */
enum err entrance(struct ctx *c);
void entrance_count(struct ctx *c);

/* The auth gate and the challenges of a 401 (src/api/gate.c). */
enum err gate_check(struct ctx *c);
void gate_challenge(struct ctx *c, enum err e);

#endif
