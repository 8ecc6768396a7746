/*
 * The endpoints of dialtone-api, and what one worker needs to serve them.
 *
 * One file per resource in src/api/ holds its rows and thin handlers; api_endpoints() lists them.
 */
#ifndef DIALTONE_API_API_H
#define DIALTONE_API_API_H

#include "api/board.h"
#include "api/health.h"
#include "base/buf.h"
#include "conf/settings.h"
#include "service/service.h"
#include "http/ctx.h"
#include "http/dispatch.h"
#include "http/router.h"

struct redis;

struct api {
	struct service service;
	const struct redis *redis;
	struct board *board;
	size_t place;                   /* of this worker */
	struct worker_figures *figures; /* there */
	size_t keeps_most;              /* connections of web servers, as it last looked */
	int64_t looked_ms;
	struct health health;
	const struct http_settings *http;
	const char *cors_headers;                     /* list of names */
	const struct deprecated_settings *deprecated; /* the paths below /webrest */
	struct buf openapi, asyncapi;                 /* written once, when the worker starts */
	struct buf body;                              /* of the answer being composed */
	uint64_t pg_before, redis_before;             /* exchanges before this request */
};

/* Adds every row; false, with the reason, when one is not complete. */
bool api_add_endpoints(struct router *r, struct buf *why);

/* The functions of http/dispatch.h for these endpoints. a is kept. */
struct dispatch api_dispatch(struct api *a, const struct router *r);

#endif
