/*
 * The old paths below /webrest, which are those below /api under another name (cti-api 1.16): looked
 * at before the row is looked for.
 */
#include "api_priv.h"

#include "base/deprecation.h"
#include "resources/hmac_login/hmac_login.h"
#include "resources/spaces/space.h"
#include "http/header.h"
#include "service/refusal.h"

/* Path segments as they came in: "webrest" is still "webrest". */
static bool is_path(const struct request *r, const char *first, const char *second)
{
	return r->segments == 3 && str_is(r->segment[0], "webrest") &&
	       str_is(r->segment[1], first) && str_is(r->segment[2], second);
}

bool deprecated_is_login(const struct request *r)
{
	return is_path(r, "authentication", "login");
}

static void add_deprecation(struct ctx *c)
{
	struct deprecation d;

	deprecation_init(&d, api_of(c)->deprecated->legacy_sunset);
	reply_header(c, "Deprecation", arena_strdup(c->arena, d.deprecation));
	reply_header(c, "Sunset", arena_strdup(c->arena, d.sunset));
	reply_header(c, "Link", DEPRECATION_LINK);
}

static bool is_jwt_shaped(struct str s)
{
	size_t dots = 0;

	for (size_t i = 0; i < s.n; i++)
		dots += s.p[i] == '.';
	return dots == 2;
}

enum credential { CREDENTIAL_NONE, CREDENTIAL_HMAC, CREDENTIAL_JWT };

/* "Bearer <jwt>", "user:<jwt>" or "user:<40 hex>", cut at the first colon. */
static enum credential read_credential(struct ctx *c, struct deprecated_call *call)
{
	struct request *r = c->request;
	struct str scheme, rest = r->authorization;

	if (header_authorization(r->authorization, &scheme, &rest) && str_case_is(scheme, "Bearer"))
		return CREDENTIAL_JWT;
	rest = r->authorization;
	struct str user = str_split(&rest, ':');

	if (!rest.p || !user.n)
		return CREDENTIAL_NONE;
	call->user = arena_strndup(c->arena, user.p, user.n);
	call->token = rest;
	if (hmac_token_is_shaped(rest))
		return CREDENTIAL_HMAC;
	if (!is_jwt_shaped(rest))
		return CREDENTIAL_NONE;
	r->authorization = str_from(arena_printf(c->arena, "Bearer %.*s", (int)rest.n, rest.p));
	return CREDENTIAL_JWT;
}

static enum err gone(struct ctx *c)
{
	c->data = "{\"migrate_to\":\"/api/login\"}";
	return refused(c->service, &deprecated_gone);
}

/* The table of cti-api 1.16. */
static enum err judge(struct ctx *c, enum credential credential)
{
	bool hmac_on = c->service->settings->legacy_auth;

	if (credential == CREDENTIAL_JWT)
		return api_of(c)->deprecated->webrest_alias ? ERR_OK : gone(c);
	if (!hmac_on)
		return gone(c);
	c->bare = true;
	if (deprecated_is_login(c->request))
		return ERR_OK;
	return credential == CREDENTIAL_HMAC ? ERR_OK : ERR_UNAUTHENTICATED;
}

static enum err enter_deprecated(struct ctx *c)
{
	struct deprecated_call *call = &c->caller->deprecated;
	struct request *r = c->request;
	enum credential credential;
	enum err e;

	add_deprecation(c);
	c->family = FAMILY_CTI;
	call->present = true;
	credential = deprecated_is_login(r) ? CREDENTIAL_NONE : read_credential(c, call);
	call->hmac = credential == CREDENTIAL_HMAC;
	e = judge(c, credential);
	if (e == ERR_OK && !deprecated_is_login(r) && !is_path(r, "authentication", "logout"))
		r->segment[0] = STR("api");
	return e;
}

enum err deprecated_enter(struct ctx *c)
{
	const struct request *r = c->request;

	if (r->segments == 0 || !str_is(r->segment[0], "webrest"))
		return ERR_OK;
	return enter_deprecated(c);
}

/* The user is the one the token proved, else the one the client named. */
void deprecated_count(struct ctx *c)
{
	struct caller *by = c->caller;
	struct service *s = c->service;
	bool proved = by->identity.method != IDENTITY_NONE;
	struct str user = str_from(proved ? by->identity.username : by->deprecated.user);

	if (!by->deprecated.present)
		return;
	if (!by->space && space_by_host(s, c->request->host, &by->space) != ERR_OK)
		return;
	char *name = arena_strndup(c->arena, user.p ? user.p : "", user.n);

	str_lower(name);
	hmac_login_count_use(s, proved ? by->identity.domain : by->space->domain, str_from(name),
		c->request->user_agent);
}
