/*
 * Who may call what (accounts-api 3.1, cti-api 1.3).
 *
 * The first credential present decides; an invalid one never falls through to another kind.  Every
 * refusal of a 401 comes with the challenges its family promises.
 */
#include "auth/auth.h"

#include <string.h>

#include "identity/prove.h"
#include "service/caller.h"
#include "service/service.h"
#include "resources/profiles/profile.h"
#include "resources/hmac_login/hmac_login.h"
#include "identity/rate.h"
#include "resources/spaces/space.h"
#include "http/header.h"

#define CHALLENGE_COUNT 2 /* MD5 and SHA-256 */

static bool wants_account(const struct ctx *c)
{
	return c->endpoint->flags & ENDPOINT_WITH_ACCOUNT;
}

static bool changes_something(const struct ctx *c)
{
	return c->request->method != METHOD_GET && c->request->method != METHOD_HEAD;
}

/* A browser adds cookies to requests other sites make: those change nothing (accounts-api 3.3). */
static bool is_same_site(const struct ctx *c)
{
	const struct request *r = c->request;
	struct str origin = r->origin;

	if (r->sec_fetch_site.n)
		return str_is(r->sec_fetch_site, "same-origin");
	if (!origin.n)
		return false;
	str_split(&origin, '/');
	str_split(&origin, '/');
	return origin.p && str_is(str_split(&origin, ':'), r->host);
}

static enum err by_key(struct ctx *c, struct str key, bool from_cookie)
{
	struct identity *who = &c->caller->identity;
	bool guarded = changes_something(c) || (c->endpoint->flags & ENDPOINT_SIDE_EFFECT);

	if (from_cookie && guarded && !is_same_site(c))
		return ERR_CROSS_SITE;
	enum err e = identity_by_key(
		c->service, arena_strndup(c->arena, key.p, key.n), wants_account(c), who);

	who->from_cookie = from_cookie;
	return e;
}

static bool is_token_error(enum err e)
{
	return e == ERR_TOKEN_INVALID || e == ERR_TOKEN_EXPIRED || e == ERR_TOKEN_REVOKED;
}

/* What a session may do besides what its account may (cti-api 1.3, 4.2, 4.3). */
static enum err check_session(const struct ctx *c)
{
	const struct caller *by = c->caller;
	const struct identity *who = &by->identity;
	unsigned flags = c->endpoint->flags;

	if (who->two_factor && !who->otp_verified && !(flags & ENDPOINT_BEFORE_OTP))
		return ERR_OTP_REQUIRED;
	if (who->must_enrol && !(flags & ENDPOINT_ENROLMENT))
		return ERR_TWO_FACTOR_REQUIRED;
	if (who->audience && (c->endpoint->family != FAMILY_CTI || flags & ENDPOINT_OWN_SESSION))
		return ERR_AUDIENCE_REFUSED;
	return ERR_OK;
}

static enum err by_token(struct ctx *c, struct str token)
{
	struct identity *who = &c->caller->identity;
	enum err e = identity_by_token(c->service, token, wants_account(c), who);

	if (e == ERR_OK && c->endpoint->auth != AUTH_INTERNAL)
		e = rate_take_session(c->service, who->jti);
	return e == ERR_OK ? check_session(c) : e;
}

/* The challenge lines of one account, RFC 7616 3.3; both share nonce and opaque. */
static void add_challenges(struct ctx *c, const struct digest_challenge *ch)
{
	const struct {
		bool offered;
		const char *algorithm;
	} lines[CHALLENGE_COUNT] = { { ch->md5, "MD5" }, { ch->sha256, "SHA-256" } };

	for (size_t i = 0; i < CHALLENGE_COUNT; i++) {
		if (!lines[i].offered)
			continue;
		reply_header(c, "WWW-Authenticate",
			arena_printf(c->arena,
				"Digest realm=\"%s\",qop=\"auth\",algorithm=%s,nonce=\"%s\","
				"opaque=\"%s\"%s",
				ch->realm, lines[i].algorithm, ch->nonce, ch->opaque,
				ch->stale ? ",stale=true" : ""));
	}
}

/* The account of the From header: without it there is nobody to challenge. */
static enum err find_from(struct ctx *c)
{
	struct caller *by = c->caller;
	struct sip_address from;
	enum err e;

	if (!c->request->from.n)
		return ERR_FROM_REQUIRED;
	e = header_from(c->arena, c->request->from, &from);
	if (e != ERR_OK)
		return e;
	e = digest_account(c->service, from.user.p, from.domain.p, &by->credentials);
	by->credentials_known = e == ERR_OK;
	return e;
}

static enum err by_digest(struct ctx *c, struct str answer)
{
	struct caller *by = c->caller;
	struct str path = c->request->path;
	struct digest_credentials d;
	struct digest_challenge same;
	enum err e = find_from(c);

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
		&c->errors, &same);
	if (e != ERR_OK)
		return e;
	by->identity = by->credentials.who;
	add_challenges(c, &same);
	return ERR_OK;
}

static enum err nobody(struct ctx *c)
{
	enum err e;

	if (c->endpoint->family == FAMILY_CTI)
		return ERR_TOKEN_MISSING;
	e = find_from(c);
	return e == ERR_OK ? ERR_UNAUTHENTICATED : e;
}

static enum err by_hmac(struct ctx *c)
{
	const struct deprecated_call *call = &c->caller->deprecated;
	const unsigned own = ENDPOINT_OWN_SESSION | ENDPOINT_ENROLMENT | ENDPOINT_BEFORE_OTP;
	enum err e = identity_by_hmac(
		c->service, c->caller->space, call->user, call->token, &c->caller->identity);

	if (e != ERR_OK)
		return e;
	/* What an old client never had, and whoever only knew a password shall not change. */
	if (c->endpoint->flags & own)
		return ERR_FORBIDDEN;
	/* An account's tokens share one bucket: the token itself is nobody's to store. */
	return rate_take_session(c->service,
		arena_printf(c->arena, "legacy-%lld", (long long)c->caller->identity.account_id));
}

/* "user:jwt": the user has to be the token's. */
static enum err check_claimed(struct ctx *c)
{
	const struct deprecated_call *call = &c->caller->deprecated;
	const struct identity *who = &c->caller->identity;

	if (!call->user || call->hmac || who->method != IDENTITY_JWT)
		return ERR_OK;
	char *name = arena_strdup(c->arena, call->user);
	char *at = strrchr(name, '@');

	str_lower(name);
	if (at)
		*at++ = '\0';
	if (strcmp(name, who->username) != 0 || (at && strcmp(at, who->domain) != 0))
		return ERR_TOKEN_INVALID;
	return ERR_OK;
}

/* "user:token" of a client's socket, or "user:id" of the session that was opened with one. */
static bool read_relayed(const struct ctx *c, struct str *ret_user, struct str *ret_secret)
{
	*ret_secret = c->request->authorization;
	*ret_user = str_split(ret_secret, ':');
	return ret_user->n &&
	       (hmac_token_is_shaped(*ret_secret) || str_starts(*ret_secret, HMAC_SESSION_PREFIX));
}

static enum err by_relayed(struct ctx *c, struct str user, struct str secret)
{
	struct service *s = c->service;
	const char *name = arena_strndup(c->arena, user.p, user.n);

	if (!s->settings->legacy_auth)
		return ERR_UNAUTHENTICATED;
	return hmac_token_is_shaped(secret)
		       ? identity_by_hmac(s, NULL, name, secret, &c->caller->identity)
		       : identity_by_hmac_session(s, name, secret, &c->caller->identity);
}

static enum err authenticate(struct ctx *c)
{
	const struct request *r = c->request;
	struct str scheme, rest, key;

	if (c->caller->deprecated.hmac)
		return by_hmac(c);
	if (c->endpoint->auth == AUTH_INTERNAL && read_relayed(c, &rest, &key))
		return by_relayed(c, rest, key);
	if (c->endpoint->family == FAMILY_ACCOUNTS && r->api_key.n)
		return by_key(c, r->api_key, false);
	if (c->endpoint->family == FAMILY_ACCOUNTS && header_cookie(r->cookie, "x-api-key", &key) &&
		key.n)
		return by_key(c, key, true);
	if (!r->authorization.n || !header_authorization(r->authorization, &scheme, &rest))
		return nobody(c);
	if (str_case_is(scheme, "Bearer"))
		return by_token(c, rest);
	if (str_case_is(scheme, "Digest") && c->endpoint->family == FAMILY_ACCOUNTS)
		return by_digest(c, rest);
	return nobody(c);
}

/* Administrators act on the host of their own space, super administrators on every host. */
static enum err check_admin(struct ctx *c)
{
	const struct caller *by = c->caller;
	const struct identity *who = &by->identity;

	if (!who->admin || !(who->method & c->service->settings->admin_auth_methods))
		return ERR_FORBIDDEN;
	if (c->endpoint->auth == AUTH_SUPER && !who->super)
		return ERR_FORBIDDEN;
	if (!who->super && strcmp(who->domain, by->space->domain) != 0)
		return ERR_FORBIDDEN;
	return ERR_OK;
}

static enum err check_capability(struct ctx *c)
{
	const char *needs = c->endpoint->needs;

	return needs ? account_may(c->service, c->caller->identity.account_id, needs) : ERR_OK;
}

static enum err check_identity(struct ctx *c)
{
	const struct identity *who = &c->caller->identity;

	if (who->blocked)
		return ERR_BLOCKED;
	if (who->space_expired)
		return ERR_SPACE_EXPIRED;
	if (c->endpoint->auth == AUTH_ADMIN || c->endpoint->auth == AUTH_SUPER)
		return check_admin(c);
	return check_capability(c);
}

static enum err find_space(struct ctx *c)
{
	struct caller *by = c->caller;
	enum err e;

	if (c->endpoint->flags & ENDPOINT_ANY_HOST)
		return ERR_OK;
	e = space_by_host(c->service, c->request->host, &by->space);
	if (e == ERR_OK && by->space->expired)
		return ERR_SPACE_EXPIRED;
	return e;
}

/* Who has no valid token shares the bucket of its network; our own programs have none. */
static enum err refuse_within_rate(struct ctx *c, enum err e)
{
	enum err limited =
		c->endpoint->auth == AUTH_INTERNAL ? ERR_OK : rate_take_network(c->service);

	return limited == ERR_OK ? e : limited;
}

enum err auth_pass(struct ctx *c)
{
	enum err e;

	if (c->endpoint->auth == AUTH_INTERNAL && !c->request->internal)
		return ERR_NOT_FOUND;
	if (c->caller->deprecated.present && c->endpoint->family != FAMILY_CTI)
		return ERR_NOT_FOUND;
	e = find_space(c);
	if (e != ERR_OK)
		return e;
	if (c->endpoint->auth == AUTH_PUBLIC)
		return c->endpoint->family == FAMILY_CTI ? rate_take_network(c->service) : ERR_OK;
	e = authenticate(c);
	if (e == ERR_TOKEN_MISSING || is_token_error(e) ||
		(c->caller->deprecated.hmac && e == ERR_UNAUTHENTICATED))
		return refuse_within_rate(c, e);
	if (e == ERR_OK)
		e = check_claimed(c);
	return e == ERR_OK ? check_identity(c) : e;
}

static void bearer_challenge(struct ctx *c)
{
	reply_header(c, "WWW-Authenticate",
		arena_printf(c->arena, "Bearer realm=\"%s\"", c->service->settings->jwt_realm));
}

void auth_challenge(struct ctx *c, enum err e)
{
	const struct caller *by = c->caller;
	struct digest_challenge fresh;

	if (c->bare)
		return;
	if ((c->endpoint && c->endpoint->family == FAMILY_CTI) || is_token_error(e)) {
		bearer_challenge(c);
		return;
	}
	if (!by->credentials_known)
		return;
	digest_challenge_make(c->service, &by->credentials, &fresh);
	fresh.stale = e == ERR_DIGEST_STALE;
	add_challenges(c, &fresh);
}
