/* The caller's own API key (accounts-api 3.3). */
#include "http/ctx.h"
#include "resources/api_keys/api_key.h"
#include "service/caller.h"
#include "service/service.h"

#define COOKIE_SECONDS_PER_MINUTE 60

static enum err my_api_key(struct ctx *c)
{
	int64_t minutes = c->service->settings->api_key_expiration_minutes;
	const char **key = c->out;
	enum err e = api_key_replace_own(c->service, c->caller->identity.account_id, key);

	if (e != ERR_OK)
		return e;
	const char *age = minutes ? arena_printf(c->arena, "; Max-Age=%lld",
					    (long long)(minutes * COOKIE_SECONDS_PER_MINUTE))
				  : "";

	reply_header(c, "Set-Cookie",
		arena_printf(c->arena, "x-api-key=%s; Path=/; HttpOnly; Secure; SameSite=Strict%s",
			*key, age));
	return ERR_OK;
}

const struct endpoint api_keys_endpoints[] = {
	{ GET("/api/accounts/me/api_key"), .auth = AUTH_USER,
		.flags = ROW_SIDE_EFFECT | ROW_MAKES_KEY, .result = RESULT_TEXT, HANDLE(my_api_key),
		.tag = "My account",
		.summary = "Make a fresh API key, bound to the caller's address; the one before is "
			   "gone" },
	ENDPOINTS_END,
};
