/*
 * The endpoints of dialtone-api, and what one worker needs to serve them.
 *
 * One file per resource in src/api/ holds its rows and thin handlers; api_endpoints() lists them.
 */
#ifndef DIALTONE_API_API_H
#define DIALTONE_API_API_H

#include "base/buf.h"
#include "domain/domain.h"
#include "http/ctx.h"
#include "http/dispatch.h"
#include "http/router.h"

struct api {
	struct domain domain;
	/* "https://sip.example.org" for absolute URLs; "" takes the host of the request. */
	const char *public_url;
	const char *cors_origins; /* list of web origins that may call; "": none */
	bool webrest_alias;       /* /webrest is /api for whoever has a JWT */
	int64_t legacy_sunset;    /* microseconds; end of the paths below /webrest */
	const char *jwt_realm;    /* of the Bearer challenge of CTI endpoints */
	/* Tells dialtone-jobs that there is something in the outbox. */
	void (*wake)(void *ctx);
	void *wake_ctx;
	struct buf openapi; /* written once, when the worker starts */
	struct buf body;    /* of the answer being composed */
};

/* Adds every row; false, with the reason, when one is not complete. */
bool api_add_endpoints(struct router *r, struct buf *why);

/* The functions of http/dispatch.h for these endpoints. a is kept. */
struct dispatch api_dispatch(struct api *a, const struct router *r);

#endif
