/* The caller's own API key (accounts-api 3.3). */
#include "http/ctx.h"
#include "resources/api_keys/api_key.h"
#include "service/caller.h"
#include "service/service.h"

#define COOKIE_SECONDS_PER_MINUTE 60

static enum err my_api_key(struct ctx *c, const void *input)
{
	struct service *s = c->service;
	int64_t minutes = s->settings->api_key_expiration_minutes;
	const char *key;
	enum err e = api_key_replace_own(s, c->caller->identity.account_id, &key);

	(void)input;
	if (e != ERR_OK)
		return e;
	const char *age = minutes ? arena_printf(c->arena, "; Max-Age=%lld",
					    (long long)(minutes * COOKIE_SECONDS_PER_MINUTE))
				  : "";

	reply_header(c, "Set-Cookie",
		arena_printf(c->arena, "x-api-key=%s; Path=/; HttpOnly; Secure; SameSite=Strict%s",
			key, age));
	return reply_text(c, key);
}

const struct endpoint api_keys_endpoints[] = {
	{
		.method = METHOD_GET,
		.path = "/api/accounts/me/api_key",
		.auth = AUTH_USER,
		.flags = ENDPOINT_SIDE_EFFECT,
		.result = RESULT_TEXT,
		.handle = my_api_key,
		.tag = "My account",
		.summary = "Make a fresh API key, bound to the caller's address; the one before is "
			   "gone",
	},
	ENDPOINTS_END,
};
