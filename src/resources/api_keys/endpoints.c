/* The caller's own API key, and service keys of administrators (accounts-api 3.3). */
#include "base/syntax.h"
#include "http/ctx.h"
#include "resources/api_keys/api_key.h"
#include "resources/auth_tokens/fields.h"
#include "service/caller.h"
#include "service/refusal.h"
#include "service/service.h"

#define COOKIE_SECONDS_PER_MINUTE 60

/* No page of another site makes a browser log in as an account of its choice. */
static void set_cookie(struct ctx *c, const char *key)
{
	int64_t minutes = c->service->settings->api_key_expiration_minutes;

	if (request_is_cross_origin(c->request))
		return;
	const char *age = minutes ? arena_printf(c->arena, "; Max-Age=%lld",
					    (long long)(minutes * COOKIE_SECONDS_PER_MINUTE))
				  : "";

	reply_header(c, "Set-Cookie",
		arena_printf(c->arena, "x-api-key=%s; Path=/; HttpOnly; Secure; SameSite=Strict%s",
			key, age));
}

static enum err my_api_key(struct ctx *c)
{
	const char **key = c->out;
	enum err e = api_key_replace_own(c->service, c->caller->identity.account_id, key);

	if (e == ERR_OK)
		set_cookie(c, *key);
	return e;
}

struct own_key {
	const char *api_key;
};
static const struct field own_key_fields[] = {
	FIELD_TEXT(own_key, api_key, .flags = FIELD_SECRET, .doc = "40 characters"),
	FIELDS_END,
};
static const struct shape own_key_shape = { "OwnApiKey", own_key_fields, sizeof(struct own_key) };

static enum err api_key_of_auth_token(struct ctx *c)
{
	const struct auth_token_path *in = c->in;
	struct own_key *made = c->out;
	enum err e = api_key_by_auth_token(c->service, in->token, &made->api_key);

	if (e == ERR_OK)
		set_cookie(c, made->api_key);
	return e;
}

static const struct field service_key_new_fields[] = {
	FIELD_TEXT(service_key_input, name, .flags = FIELD_REQUIRED, .min = API_KEY_NAME_MIN,
		.max = API_KEY_NAME_MAX, .doc = "What it is for", .example = "billing"),
	FIELD_INT_AS(service_key_input, minutes, "expires_after_last_used_minutes",
		.flags = FIELD_FROM_ZERO, .max = API_KEY_MINUTES_MAX,
		.doc = "Ends when unused for so long; 0 is never"),
	FIELD_TEXT(service_key_input, ip, .check = address_check,
		.doc = "The only address it works from"),
	FIELDS_END,
};
static const struct shape service_key_new_shape = { "ServiceKeyNew", service_key_new_fields,
	sizeof(struct service_key_input) };

static enum err service_key_add(struct ctx *c)
{
	return api_key_create(c->service, c->caller->identity.account_id, c->in, c->out);
}

static enum err service_key_remove(struct ctx *c)
{
	const struct api_key *key = c->subject;

	*(int64_t *)c->out = 1;
	return api_key_delete(c->service, key->id);
}

#define OWN          .tag = "My account"
#define SERVICE_KEYS .auth = AUTH_ADMIN, .tag = "Service keys"

const struct endpoint api_keys_endpoints[] = {
	{ GET("/api/accounts/me/api_key"), .auth = AUTH_USER, OWN, .writes = true,
		.flags = ROW_SIDE_EFFECT | ROW_AT_ONCE | ROW_MAKES_KEY, .result = RESULT_TEXT,
		.exchanges = 2, HANDLE(my_api_key),
		.summary = "Make a fresh API key, bound to the caller's address; the one before is "
			   "gone" },
	{ GET("/api/accounts/me/api_key/{auth_token}"), .auth = AUTH_PUBLIC, OWN, .writes = true,
		.flags = ROW_SIDE_EFFECT, .in = &auth_token_path_shape, .out = &own_key_shape,
		.exchanges = 4, HANDLE(api_key_of_auth_token),
		.summary = "Exchange the token of a QR code for an API key, once it is attached" },
	{ GET("/api/api_keys"), SERVICE_KEYS, .result = RESULT_LIST, .out = &service_key_shape,

		.reads = { &service_keys_of_space }, HANDLE_AS(reply_read, "service_keys_list"),
		.summary = "List the service keys of the space" },
	{ POST("/api/api_keys"), SERVICE_KEYS, .writes = true, .status = 201,
		.flags = ROW_MAKES_KEY, .in = &service_key_new_shape,
		.out = &service_key_made_shape, .refusals = { &limit_reached },
		HANDLE(service_key_add),
		.summary = "Make a service key that acts as the caller; it is shown only here",
		.example = "{\"name\":\"billing\",\"expires_after_last_used_minutes\":0}" },
	{ DELETE("/api/api_keys/{id}"), SERVICE_KEYS, .subject = &service_key_subject,
		.writes = true, .result = RESULT_COUNT, HANDLE(service_key_remove),
		.summary = "End a service key" },
	ENDPOINTS_END,
};
