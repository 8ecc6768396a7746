/*
 * From a path to a row: a tree of path segments.  A literal segment wins over a variable one.
 *
 * Built once, before workers are forked, and shared by them.  It compares decoded segments, so "a%2Fb"
 * is one segment and never two; who may call a row is not its business.
 */
#ifndef DIALTONE_HTTP_ROUTER_H
#define DIALTONE_HTTP_ROUTER_H

#include "base/buf.h"
#include "http/endpoint.h"
#include "http/params.h"
#include "http/request.h"

struct router;

struct router *router_new(void);
void router_free(struct router **r);

/* Adds a table ended by ENDPOINTS_END; rows are kept.  A row without an auth level, a handler or a
 * summary, with a path twice for one method, or with a field for no place in the path, is our bug:
 * false, with the reason in `why`. */
bool router_add(struct router *r, const struct endpoint *rows, struct buf *why);

/* ERR_NOT_FOUND; ERR_METHOD_NOT_ALLOWED, with a row of that path in *ret for its family.  HEAD finds
 * the row of GET.  Path variables are added to `params`. */
MUST_CHECK enum err router_find(const struct router *r, const struct request *req,
	struct params *params, const struct endpoint **ret);
/* "GET, HEAD, POST": the methods of the path of that row. */
void router_allow(const struct router *r, const struct request *req, struct buf *out);

/* All rows, in the order they were added: false at the end. Start with *at = 0. */
bool router_next(const struct router *r, size_t *at, const struct endpoint **ret);

#endif
