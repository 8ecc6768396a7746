/* The challenges of a 401: every refusal comes with those its family promises. */
#include "auth_priv.h"

#include "resources/spaces/space.h"

#define CHALLENGE_COUNT 2 /* MD5 and SHA-256 */

/* Both share nonce and opaque. */
void challenge_add(struct ctx *c, const struct digest_challenge *ch)
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

bool challenge_is_for_token(enum err e)
{
	return e == ERR_TOKEN_INVALID || e == ERR_TOKEN_EXPIRED || e == ERR_TOKEN_REVOKED;
}

/* RFC 8898: where to get a token. NULL: the space has no identity provider. */
static const char *provider_line(struct ctx *c)
{
	const struct space *space = c->caller->space;
	const char *issuer = space && space->sip_claim ? space_issuer(c->arena, space) : NULL;

	if (!issuer)
		return NULL;
	return arena_printf(
		c->arena, "Bearer authz_server=\"%s\",realm=\"%s\"", issuer, space->provider_realm);
}

/* Of the accounts API: e is what is wrong with the token, ERR_OK where none was sent. */
static void bearer_challenge(struct ctx *c, enum err e)
{
	const struct space *space = c->caller->space;
	const char *line = provider_line(c), *fault = c->caller->token_fault;

	if (!line)
		line = arena_printf(c->arena, "Bearer realm=\"%s\"",
			space ? space->domain : c->service->settings->jwt_realm);
	if (e != ERR_OK)
		line = arena_printf(c->arena,
			"%s, error=\"invalid_token\", error_description=\"%s\"", line,
			fault ? fault : err_table[e].told.text);
	reply_header(c, "WWW-Authenticate", line);
}

static void cti_challenge(struct ctx *c)
{
	reply_header(c, "WWW-Authenticate",
		arena_printf(c->arena, "Bearer realm=\"%s\"", c->service->settings->jwt_realm));
}

static void digest_challenge(struct ctx *c, enum err e)
{
	struct digest_challenge fresh;

	digest_challenge_make(c->service, &c->caller->credentials, &fresh);
	/* The response was right: only the nonce is to be exchanged. */
	fresh.stale = e == ERR_DIGEST_STALE || e == ERR_DIGEST_INVALID || e == ERR_DIGEST_REPLAYED;
	challenge_add(c, &fresh);
}

void auth_challenge(struct ctx *c, enum err e)
{
	const struct caller *by = c->caller;

	if (c->bare)
		return;
	if (c->endpoint && c->endpoint->family == FAMILY_CTI) {
		cti_challenge(c);
		return;
	}
	if (challenge_is_for_token(e))
		bearer_challenge(c, e);
	else if (by->space && by->space->sip_claim)
		bearer_challenge(c, ERR_OK);
	if (by->credentials_known)
		digest_challenge(c, e);
}
