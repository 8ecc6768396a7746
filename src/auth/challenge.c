/* The challenges of a 401: every refusal comes with those its family promises. */
#include "auth_priv.h"

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
	if ((c->endpoint && c->endpoint->family == FAMILY_CTI) || challenge_is_for_token(e)) {
		bearer_challenge(c);
		return;
	}
	if (!by->credentials_known)
		return;
	digest_challenge_make(c->service, &by->credentials, &fresh);
	/* The response was right: only the nonce is to be exchanged. */
	fresh.stale = e == ERR_DIGEST_STALE || e == ERR_DIGEST_INVALID || e == ERR_DIGEST_REPLAYED;
	challenge_add(c, &fresh);
}
