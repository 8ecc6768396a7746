#include "resources/spaces/provider.h"

#include <string.h>

#include "base/clock.h"
#include "base/sip_address.h"
#include "crypto/provider_token.h"
#include "identity/prove.h"
#include "resources/spaces/space.h"
#include "spaces_priv.h"

const struct refusal provider_account_unknown = { 403, "provider_account_unknown",
	"The token is of no account of this space." };

bool provider_made(struct service *s, struct str token)
{
	return provider_token_is_one(token, s->arena);
}

/* "https://login.example.org/realms/phones"; NULL: there is no provider, but a key. */
const char *space_issuer(struct arena *arena, const struct space *space)
{
	const char *url = space->provider_url;

	if (!url)
		return NULL;
	return arena_printf(arena, "%s%srealms/%s", url, url[strlen(url) - 1] == '/' ? "" : "/",
		space->provider_realm);
}

static enum err verify(struct service *s, const struct space *space, struct str token,
	struct provider_claims *ret, const char **ret_why)
{
	const struct provider_rules rules = { .key = space_provider_key(s, space),
		.issuer = space_issuer(s->arena, space),
		.audience = space->audience,
		.sip_claim = space->sip_claim };

	if (rules.key)
		return provider_token_verify(
			&rules, token, clock_wall_us() / CLOCK_SECOND_US, s->arena, ret, ret_why);
	*ret_why = "this space takes no tokens of others";
	return ERR_TOKEN_INVALID;
}

static enum err find(struct service *s, const struct space *space,
	const struct provider_claims *claims, struct subject_lookup *also, struct identity *ret)
{
	struct sip_address sip;

	if (!claims->sip) {
		if (!claims->email || claims->email_verified == TRI_FALSE)
			return ERR_NOT_FOUND;
		return identity_by_email(s, space->domain, claims->email, also, ret);
	}
	if (!sip_address_from_header(s->arena, str_from(claims->sip), &sip) ||
		strcmp(sip.domain, space->domain) != 0)
		return ERR_NOT_FOUND;
	return identity_by_address(s, space->domain, sip.user, also, ret);
}

enum err identity_by_provider(struct service *s, const struct space *space, struct str token,
	struct subject_lookup *also, struct identity *ret, const char **ret_why)
{
	struct provider_claims claims;
	enum err e = verify(s, space, token, &claims, ret_why);

	if (e != ERR_OK)
		return e;
	e = find(s, space, &claims, also, ret);
	return e == ERR_NOT_FOUND ? refused(s, &provider_account_unknown) : e;
}
