/* Pages of other origins (cti-api 1.13). */
#include "api_priv.h"

#include "base/cors.h"

static void answer_preflight(struct ctx *c)
{
	reply_header(c, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
	reply_header(c, "Access-Control-Allow-Headers", CORS_REQUEST_HEADERS);
	reply_header(c, "Access-Control-Max-Age", "86400");
	c->reply.status = 204;
	c->answered = true;
}

void cors_apply(struct ctx *c)
{
	const struct request *r = c->request;
	const char *origins = api_of(c)->http->cors_origins;

	if (!*origins)
		return;
	reply_header(c, "Vary", "Origin");
	if (!r->origin.n || !str_list_has(origins, r->origin))
		return;
	reply_header(c, "Access-Control-Allow-Origin",
		arena_strndup(c->arena, r->origin.p, r->origin.n));
	if (deprecated_is_login(r))
		reply_header(c, "Access-Control-Expose-Headers", "WWW-Authenticate");
	if (r->method == METHOD_OPTIONS && r->preflight_method.n)
		answer_preflight(c);
}
