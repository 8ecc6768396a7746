#include "auth_priv.h"

#include "base/sip_address.h"
#include "http/header.h"
#include "identity/failed_login.h"
#include "identity/lock.h"
#include "identity/rate.h"
#include "resources/hmac_login/hmac_login.h"
#include "resources/spaces/provider.h"
#include "resources/spaces/space.h"
#include "service/refusal.h"

static const struct refusal cross_site = { 403, "cross_site",
	UNTRANSLATED("A cookie opens nothing for another site.") };
static const struct refusal from_required = { 401, "from_required",
	UNTRANSLATED("From header is required or invalid token") };
static const struct refusal from_invalid = { 401, "from_invalid",
	UNTRANSLATED("Invalid SIP address") };

static bool wants_account(const struct ctx *c)
{
	return c->endpoint->flags & ROW_WITH_ACCOUNT;
}

static bool changes_something(const struct ctx *c)
{
	return c->request->method != METHOD_GET && c->request->method != METHOD_HEAD;
}

/* A browser adds the cookie also when a link of a mail is followed: that changes nothing. */
static bool was_only_followed(const struct request *r)
{
	return !r->origin.n && str_is(r->sec_fetch_site, "none");
}

/* A page of another origin is as one without the cookie (accounts-api 3.3). */
static bool has_cookie_key(const struct ctx *c, struct str *ret)
{
	const struct request *r = c->request;

	return !(c->endpoint->flags & ROW_NO_COOKIE) &&
	       header_cookie(r->cookie, "x-api-key", ret) && ret->n && !request_is_cross_origin(r);
}

static enum err prove_key(
	struct ctx *c, struct str key, bool from_cookie, struct subject_lookup *also)
{
	struct identity *who = &c->caller->identity;
	bool guarded = changes_something(c) || (c->endpoint->flags & ROW_SIDE_EFFECT);

	if (from_cookie && guarded && was_only_followed(c->request))
		return refused(c->service, &cross_site);
	enum err e = identity_by_key(
		c->service, arena_strndup(c->arena, key.p, key.n), wants_account(c), also, who);

	who->from_cookie = from_cookie;
	return e;
}

/* It may have been refused only because the space had another key or provider a moment ago. */
static enum err prove_provider(struct ctx *c, struct str token, struct subject_lookup *also)
{
	struct service *s = c->service;
	struct caller *by = c->caller;
	enum err e, changed;

	if (!by->space || c->endpoint->auth == AUTH_INTERNAL)
		return ERR_TOKEN_INVALID;
	e = identity_by_provider(s, by->space, token, also, &by->identity, &by->token_fault);
	if (e != ERR_TOKEN_INVALID && e != ERR_TOKEN_EXPIRED)
		return e;
	changed = space_list_check(s, NULL);
	return changed == ERR_OK ? e : changed;
}

/* Those of ours that have ended are as common as logins; one that was never ours is not. */
static void log_token(struct ctx *c, enum err e)
{
	const struct {
		enum err err;
		enum login_fault fault;
	} faults[] = { { ERR_TOKEN_INVALID, FAULT_TOKEN }, { ERR_TOKEN_EXPIRED, FAULT_EXPIRED },
		{ ERR_TOKEN_REVOKED, FAULT_REVOKED } };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (e == faults[i].err)
			failed_login_log(c->service, &(struct failed_login){ .door = DOOR_JWT,
							     .fault = faults[i].fault });
}

static enum err prove_own_token(
	struct ctx *c, struct str token, bool counted, struct subject_lookup *also)
{
	struct identity *who = &c->caller->identity;
	enum err e = identity_by_token(c->service, token, wants_account(c), counted, also, who);

	if (e == ERR_OK && counted)
		e = rate_take_session(c->service, who->jti);
	return e;
}

/* A relay asks for a client, and has its own line about it. */
static enum err prove_token(struct ctx *c, struct str token, struct subject_lookup *also)
{
	bool counted = c->endpoint->auth != AUTH_INTERNAL;
	enum err e = provider_made(c->service, token) ? prove_provider(c, token, also)
						      : prove_own_token(c, token, counted, also);

	if (counted)
		log_token(c, e);
	return e;
}

bool credential_is_outdated(const struct ctx *c)
{
	const struct caller *by = c->caller;
	int64_t version = by->credentials_known ? by->credentials.who.spaces_version
						: by->identity.spaces_version;

	return version && !space_list_is_current(c->service, version);
}

/* There is no challenge either, where the space of the account has DIGEST off. */
static enum err check_digest_is_on(struct ctx *c)
{
	struct caller *by = c->caller;
	const struct space *space;
	enum err e = space_by_domain(c->service, by->credentials.who.domain, &space);

	if (e != ERR_OK || !space || space->digest_enabled)
		return e;
	by->credentials_known = false;
	return ERR_UNAUTHENTICATED;
}

/* The account of the From header: without it there is no account to challenge. */
static enum err find_from(struct ctx *c, struct subject_lookup *also)
{
	struct caller *by = c->caller;
	struct sip_address from;
	enum err e;

	if (!c->request->from.n)
		return refused(c->service, &from_required);
	if (!sip_address_from_header(c->arena, c->request->from, &from))
		return refused(c->service, &from_invalid);
	e = digest_account(c->service, from.user, from.domain, also, &by->credentials);
	by->credentials_known = e == ERR_OK;
	if (e != ERR_OK || credential_is_outdated(c))
		return e == ERR_OK ? ERR_RETRY : e;
	return check_digest_is_on(c);
}

/* There was no account to challenge, and an answer all the same. */
static void log_unknown_from(struct ctx *c)
{
	struct sip_address from = { 0 };

	if (sip_address_from_header(c->arena, c->request->from, &from))
		failed_login_log(
			c->service, &(struct failed_login){ DOOR_DIGEST, FAULT_UNKNOWN_NAME, 0,
					    from.user, from.domain });
}

static enum err prove_digest(struct ctx *c, struct str answer, struct subject_lookup *also)
{
	struct caller *by = c->caller;
	struct str path = c->request->path;
	struct digest_credentials d;
	struct digest_challenge same;
	enum err e = find_from(c, also);

	if (e == ERR_NOT_FOUND)
		log_unknown_from(c);
	if (e != ERR_OK)
		return e;
	e = header_digest(c->arena, answer, &d);
	if (e != ERR_OK)
		return e;
	e = digest_verify(c->service, &by->credentials,
		&(struct digest_answer){ .method = c->request->method_name.p,
			.path = arena_strndup(c->arena, path.p, path.n),
			.target = c->request->target.p,
			.realm = d.realm,
			.username = d.username,
			.nonce = d.nonce,
			.uri = d.uri,
			.nc = d.nc,
			.cnonce = d.cnonce,
			.qop = d.qop,
			.response = d.response,
			.opaque = d.opaque,
			.algorithm = d.algorithm },
		&same);
	if (e != ERR_OK)
		return e;
	by->identity = by->credentials.who;
	challenge_add(c, &same);
	return ERR_OK;
}

/* No credential: with a From header, a challenge for that account. */
static enum err prove_nothing(struct ctx *c)
{
	enum err e;

	if (c->endpoint->family == FAMILY_CTI)
		return ERR_TOKEN_MISSING;
	e = find_from(c, NULL);
	return e == ERR_OK ? ERR_UNAUTHENTICATED : e;
}

static enum err prove_hmac(struct ctx *c)
{
	const struct deprecated_call *call = &c->caller->deprecated;
	enum err e = identity_by_hmac(
		c->service, c->caller->space, call->user, call->token, &c->caller->identity);

	if (e == ERR_UNAUTHENTICATED) {
		enum err counted = lock_count_wrong_key(c->service, DOOR_HMAC_TOKEN,
			arena_strndup(c->arena, call->token.p, call->token.n));

		return counted == ERR_OK ? e : counted;
	}
	if (e != ERR_OK)
		return e;
	/* An account's tokens share one bucket: the token itself is not to be stored anywhere. */
	return rate_take_session(c->service,
		arena_printf(c->arena, "legacy-%lld", (long long)c->caller->identity.account_id));
}

/* "user:token" of a client's socket, or "user:id" of the session that was opened with one. */
static bool read_relayed(const struct ctx *c, struct str *ret_user, struct str *ret_secret)
{
	*ret_secret = c->request->authorization;
	*ret_user = str_split(ret_secret, ':');
	return ret_user->n &&
	       (hmac_token_is_shaped(*ret_secret) || str_starts(*ret_secret, HMAC_SESSION_PREFIX));
}

static enum err prove_relayed(struct ctx *c, struct str user, struct str secret)
{
	struct service *s = c->service;
	const char *name = arena_strndup(c->arena, user.p, user.n);

	if (!s->settings->legacy_auth)
		return ERR_UNAUTHENTICATED;
	return hmac_token_is_shaped(secret)
		       ? identity_by_hmac(s, NULL, name, secret, &c->caller->identity)
		       : identity_by_hmac_session(s, name, secret, &c->caller->identity);
}

/* Users of a space with an identity provider, where its tokens are the only way. */
static bool is_providers_alone(const struct ctx *c)
{
	const struct space *space = c->caller->space;

	return c->service->settings->oidc_exclusive && c->endpoint->family == FAMILY_ACCOUNTS &&
	       c->endpoint->auth == AUTH_USER && space && space->sip_claim;
}

static enum err refuse_others(struct ctx *c)
{
	enum err e = space_list_check(c->service, NULL);

	return e == ERR_OK ? ERR_UNAUTHENTICATED : e;
}

/* Anything but a bearer token. */
static enum err prove_other(struct ctx *c, struct subject_lookup *also)
{
	const struct request *r = c->request;
	struct str scheme, rest;

	if (r->authorization.n && header_authorization(r->authorization, &scheme, &rest) &&
		str_case_is(scheme, "Digest") && c->endpoint->family == FAMILY_ACCOUNTS)
		return prove_digest(c, rest, also);
	return prove_nothing(c);
}

static bool has_bearer(const struct request *r, struct str *ret)
{
	struct str scheme;

	return r->authorization.n && header_authorization(r->authorization, &scheme, ret) &&
	       str_case_is(scheme, "Bearer");
}

/* In the order in which they count. */
enum credential { HMAC, RELAYED, CERTIFICATE, KEY, COOKIE_KEY, TOKEN, PROVIDERS_ALONE, OTHER };

struct shown {
	enum credential kind;
	struct str user, secret; /* user: of RELAYED */
};

static struct shown find_credential(const struct ctx *c)
{
	const struct request *r = c->request;
	bool others = !is_providers_alone(c);
	bool keys = others && c->endpoint->family == FAMILY_ACCOUNTS;
	struct shown ret = { .kind = others ? OTHER : PROVIDERS_ALONE };

	if (c->caller->deprecated.hmac)
		ret.kind = HMAC;
	else if (c->endpoint->auth == AUTH_INTERNAL && read_relayed(c, &ret.user, &ret.secret))
		ret.kind = RELAYED;
	else if (certificate_is_shown(c))
		ret.kind = CERTIFICATE;
	else if (keys && r->api_key.n)
		ret = (struct shown){ .kind = KEY, .secret = r->api_key };
	else if (keys && has_cookie_key(c, &ret.secret))
		ret.kind = COOKIE_KEY;
	else if (has_bearer(r, &ret.secret))
		ret.kind = TOKEN;
	return ret;
}

enum err credential_prove(struct ctx *c, struct subject_lookup *also)
{
	const struct shown shown = find_credential(c);

	switch (shown.kind) {
	case HMAC:
		return prove_hmac(c);
	case RELAYED:
		return prove_relayed(c, shown.user, shown.secret);
	case CERTIFICATE:
		return certificate_prove(c, also);
	case KEY:
	case COOKIE_KEY:
		return prove_key(c, shown.secret, shown.kind == COOKIE_KEY, also);
	case TOKEN:
		return prove_token(c, shown.secret, also);
	case PROVIDERS_ALONE:
		return refuse_others(c);
	default:
		return prove_other(c, also);
	}
}

bool credential_can_be_ahead(const struct ctx *c)
{
	enum credential kind = find_credential(c).kind;

	return kind == KEY || kind == COOKIE_KEY || kind == TOKEN;
}

void credential_ahead(struct ctx *c, struct subject_lookup *also)
{
	const struct shown shown = find_credential(c);
	struct service *s = c->service;

	if (shown.kind == KEY || shown.kind == COOKIE_KEY)
		identity_by_key_ahead(s, arena_strndup(c->arena, shown.secret.p, shown.secret.n),
			wants_account(c), also);
	else if (shown.kind == TOKEN && !provider_made(s, shown.secret))
		identity_by_token_ahead(s, shown.secret, wants_account(c), also);
}

enum err credential_check_claimed(const struct ctx *c)
{
	const struct deprecated_call *call = &c->caller->deprecated;
	const struct identity *who = &c->caller->identity;

	if (!call->user || call->hmac || who->method != IDENTITY_JWT)
		return ERR_OK;
	struct sip_address name = sip_address_from_name(c->arena, str_from(call->user));

	return sip_address_is(&name, who->username, who->domain) ? ERR_OK : ERR_TOKEN_INVALID;
}
