#include "credentials.h"

#include <string.h>

#include "base/json_slice.h"
#include "crypto/hmac_token.h"
#include "relay/core/client.h"
#include "arguments.h"

#define NAME_MAX_BYTES 256
#define MEMBERS_MAX    16

/* The object a client sends with the event. */
struct arguments {
	char *name; /* accessKeyId, in lower case */
	struct str token;
	enum cti_ua ua;
};

/* A uaType that is no text counts as absent. */
static bool read_ua(struct str object, enum cti_ua *ret)
{
	struct str value;
	char text[16];
	size_t n;

	*ret = CTI_UA_NONE;
	if (!json_slice_member(object, "uaType", &value) || json_slice_kind(value) != JSON_STRING)
		return true;
	if (!json_slice_text(value, text, sizeof(text), &n))
		return false;
	if (strcmp(text, "mobile") == 0)
		*ret = CTI_UA_MOBILE;
	else if (strcmp(text, "desktop") == 0)
		*ret = CTI_UA_DESKTOP;
	return *ret != CTI_UA_NONE;
}

static bool read_arguments(struct str args, struct arena *arena, struct arguments *ret)
{
	struct str object, name;

	if (!arguments_object(args, MEMBERS_MAX, arena, &object) ||
		!arguments_text(object, "accessKeyId", arena, NAME_MAX_BYTES - 1, &name) ||
		!arguments_text(object, "token", arena, SESSION_TOKEN_MAX, &ret->token) ||
		!read_ua(object, &ret->ua))
		return false;
	ret->name = arena_strndup(arena, name.p, name.n);
	str_lower(ret->name);
	return true;
}

/* The name is the token's user, alone or with the domain. */
static bool name_fits(const char *name, const struct session_claims *claims, struct arena *arena)
{
	char *user = arena_printf(arena, "%s", claims->id);
	char *address = arena_printf(arena, "%s@%s", claims->id, claims->domain);

	str_lower(user);
	str_lower(address);
	return strcmp(name, user) == 0 || strcmp(name, address) == 0;
}

static struct str authorization_text(struct arena *arena, const char *before, struct str token)
{
	return str_from(arena_printf(arena, "%s%.*s", before, (int)token.n, token.p));
}

enum credentials_answer credentials_read(struct credentials *ret, struct str args,
	const struct keyring *keys, int64_t now_s, struct arena *arena)
{
	struct session_claims *claims = &ret->claims;
	struct arguments a;

	if (!read_arguments(args, arena, &a))
		return CREDENTIALS_MALFORMED;
	ret->ua = a.ua;
	ret->hmac = hmac_token_is_shaped(a.token);
	if (ret->hmac) {
		ret->authorization =
			authorization_text(arena, arena_printf(arena, "%s:", a.name), a.token);
		return CREDENTIALS_READ;
	}
	ret->authorization = authorization_text(arena, "Bearer ", a.token);
	if (session_token_verify(keys, a.token, now_s, arena, claims) == ERR_OK &&
		!(claims->two_factor && !claims->otp_verified) &&
		strlen(claims->jti) <= CLIENT_JTI_MAX && name_fits(a.name, claims, arena))
		return CREDENTIALS_READ;
	return CREDENTIALS_REFUSED;
}
