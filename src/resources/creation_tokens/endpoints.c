/* Tokens with which people make accounts, and find theirs again (accounts-api I.2, I.3, II.5, II.6). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/service.h"
#include "service/waiting.h"

#include "resources/creation_tokens/creation_token.h"

static const struct field request_token_fields[] = {
	FIELD_TEXT(request_token, token, .flags = FIELD_SECRET,
		.doc = "Becomes a creation token once a person has confirmed it"),
	FIELD_TEXT(request_token, validation_url, .flags = FIELD_SECRET,
		.doc = "Page on which a person confirms it, within a day"),
	FIELDS_END,
};
static const struct shape request_token_shape = { "AccountCreationRequestToken",
	request_token_fields, sizeof(struct request_token) };

struct token_input {
	const char *token;
};

static const struct field exchange_fields[] = {
	FIELD_TEXT_AS(token_input, token, "account_creation_request_token",
		.flags = FIELD_REQUIRED | FIELD_SECRET, .min = CREATION_TOKEN_LENGTH,
		.max = CREATION_TOKEN_LENGTH, .doc = "Confirmed on its page"),
	FIELDS_END,
};
static const struct shape exchange_shape = { "AccountCreationTokenExchange", exchange_fields,
	sizeof(struct token_input) };

static const struct field consume_fields[] = {
	FIELD_TEXT_AS(token_input, token, "account_creation_token", .flags = FIELD_SECRET,
		.doc = "Unused; anything else is not found"),
	FIELDS_END,
};
static const struct shape consume_shape = { "AccountCreationTokenUse", consume_fields,
	sizeof(struct token_input) };

static const struct field device_fields[] = {
	PUSH_DEVICE_FIELDS(push_device, , FIELD_REQUIRED),
	FIELDS_END,
};
static const struct shape device_shape = { "PushDevice", device_fields,
	sizeof(struct push_device) };

static enum err creation_request_token_add(struct ctx *c)
{
	struct request_token *made = c->out;
	enum err e = request_token_make(c->service, c->caller->space->domain, made);

	made->validation_url =
		arena_printf(c->arena, "%s/creation_token/check/%s", c->site_url, made->token);
	return e;
}

static enum err creation_token_add(struct ctx *c)
{
	return creation_token_make(c->service, c->caller->space->domain, c->out);
}

static enum err creation_token_exchange(struct ctx *c)
{
	const struct token_input *in = c->in;

	return request_token_exchange(c->service, c->caller->space->domain, in->token, c->out);
}

/* Whatever is wrong with the token, there is none of that name. */
static enum err creation_token_consume(struct ctx *c)
{
	const struct identity *who = &c->caller->identity;
	const struct token_input *in = c->in;

	if (!in->token)
		return ERR_NOT_FOUND;
	return creation_token_take(c->service, who->domain, in->token, who->account_id, c->out);
}

static enum err creation_token_push(struct ctx *c)
{
	return push_token_send(c->service, PUSH_CREATION, c->caller->space->domain, c->in);
}

static enum err recovery_token_push(struct ctx *c)
{
	return push_token_send(c->service, PUSH_RECOVERY, c->caller->space->domain, c->in);
}

#define TOKENS .tag = "Account creation"
#define PUBLIC TOKENS, .auth = AUTH_PUBLIC
#define STEP   .untold = "a step towards an account or a password, which are told"
#define PUSH                                                                                 \
	PUBLIC, STEP, .flags = ROW_TOKENS, .in = &device_shape,                              \
		      .refusals = { &push_throttled, &push_throttled_429, &push_unavailable, \
			      &waiting_full },                                               \
		      .example = "{\"pn_provider\":\"fcm\",\"pn_param\":\"my_project\","     \
				 "\"pn_prid\":\"dd7f8c2a\"}"

const struct endpoint creation_tokens_endpoints[] = {
	{ POST("/api/account_creation_request_tokens"), PUBLIC, STEP, .writes = true,
		.flags = ROW_TOKENS | ROW_TELLS_URL, .out = &request_token_shape, .status = 201,
		HANDLE(creation_request_token_add),
		.summary = "Ask for a token that a person has to confirm on a page" },
	{ POST("/api/account_creation_tokens/using-account-creation-request-token"), PUBLIC, STEP,
		.writes = true, .flags = ROW_TOKENS, .in = &exchange_shape,
		.out = &creation_token_shape, .status = 201, HANDLE(creation_token_exchange),
		.summary =
			"Get a creation token for a confirmed request token; 404 while it is not "
			"confirmed",
		.example = "{\"account_creation_request_token\":\"laMqjCUHqnkVp\"}" },
	{ POST("/api/account_creation_tokens"), TOKENS, .auth = AUTH_ADMIN, .writes = true,
		.out = &creation_token_shape, .status = 201, HANDLE(creation_token_add),
		.summary = "Make a creation token" },
	{ POST("/api/account_creation_tokens/consume"), TOKENS, STEP, .auth = AUTH_USER,
		.writes = true, .flags = ROW_ON_BAD_FIELDS, .in = &consume_shape,
		.out = &creation_token_shape, HANDLE(creation_token_consume),
		.summary =
			"Link a creation token to the account that calls: the proof that changes "
			"of its e-mail address and phone number need",
		.example = "{\"account_creation_token\":\"JpRSNHcldqdnf\"}" },
	{ POST("/api/account_creation_tokens/send-by-push"), PUSH, HANDLE(creation_token_push),
		.summary = "Send a creation token to a device by a push notification" },
	{ POST("/api/tokens"), PUSH, HANDLE_AS(creation_token_push, "creation_token_push_alias"),
		.summary = "The same, as older clients call it" },
	{ POST("/api/account_recovery_tokens/send-by-push"), PUSH, HANDLE(recovery_token_push),
		.summary = "Send an account recovery token to a device by a push notification" },
	ENDPOINTS_END,
};
