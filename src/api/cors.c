/* Pages of other origins (cti-api 1.13). */
#include "api_priv.h"

#include "base/origin.h"

static const char *spaced(struct arena *a, const char *list)
{
	struct str rest = str_from(list);
	const char *all = "";

	while (rest.n) {
		struct str name = str_split(&rest, ',');

		all = arena_printf(a, "%s%s%.*s", all, *all ? ", " : "", (int)name.n, name.p);
	}
	return all;
}

static void answer_preflight(struct ctx *c)
{
	reply_header(c, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
	reply_header(c, "Access-Control-Allow-Headers", spaced(c->arena, api_of(c)->cors_headers));
	reply_header(c, "Access-Control-Max-Age", "86400");
	c->reply.status = 204;
	c->answered = true;
}

static bool is_login(const struct request *r)
{
	return deprecated_is_login(r) ||
	       (r->segments == 2 && str_is(r->segment[0], "api") && str_is(r->segment[1], "login"));
}

/* A foreign page may not try passwords through its visitors' browsers, whose addresses would be locked. */
static enum err check_login(struct ctx *c)
{
	const struct request *r = c->request;

	if (!r->origin.n || !str_is(r->sec_fetch_site, "cross-site") || !is_login(r))
		return ERR_OK;
	c->family = FAMILY_CTI;
	return request_is_from_own_origin(r) ? ERR_OK : ERR_FORBIDDEN;
}

enum err cors_apply(struct ctx *c)
{
	const struct request *r = c->request;
	const char *origins = api_of(c)->http->cors_origins;

	if (*origins)
		reply_header(c, "Vary", "Origin");
	if (origin_find(r->origin, origins) == ORIGIN_NOT_LISTED)
		return check_login(c);
	reply_header(c, "Access-Control-Allow-Origin",
		arena_strndup(c->arena, r->origin.p, r->origin.n));
	if (deprecated_is_login(r))
		reply_header(c, "Access-Control-Expose-Headers", "WWW-Authenticate");
	if (r->method == METHOD_OPTIONS && r->preflight_method.n)
		answer_preflight(c);
	return ERR_OK;
}
