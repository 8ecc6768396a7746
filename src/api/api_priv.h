/* What the resources of api/ share. */
#ifndef DIALTONE_API_PRIV_H
#define DIALTONE_API_PRIV_H

#include "api/api.h"
#include "domain/identity.h"
#include "model/identity.h"
#include "model/space.h"

/* A request that came in below /webrest. */
struct legacy_call {
	bool present;
	bool hmac;        /* it carries a token of the HMAC login */
	const char *user; /* whom the client named, NULL: nobody */
	struct str token;
};

/* ctx.who: who calls, and for which space. */
struct api_caller {
	struct identity identity;  /* method IDENTITY_NONE: nobody */
	const struct space *space; /* of the host; NULL where a row needs none */
	/* DIGEST: the account of the From header, and the challenge to repeat on success. */
	struct credentials credentials;
	bool credentials_known;
	struct legacy_call legacy;
};

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

static inline struct domain *domain_of(struct ctx *c)
{
	return &api_of(c)->domain;
}

static inline struct api_caller *caller_of(struct ctx *c)
{
	return c->who;
}

static inline struct identity *identity_of(struct ctx *c)
{
	return &caller_of(c)->identity;
}

/* Before the row is looked for, and after the answer is made (src/api/entrance.c). */
enum err entrance(struct ctx *c);
void entrance_count(struct ctx *c);
/* For handlers that commit by themselves: there may be something in the outbox. */
static inline void api_wake(struct ctx *c)
{
	api_of(c)->wake(api_of(c)->wake_ctx);
}

/* The auth gate and the challenges of a 401 (src/api/gate.c). */
enum err gate_check(struct ctx *c);
void gate_challenge(struct ctx *c, enum err e);

#endif
