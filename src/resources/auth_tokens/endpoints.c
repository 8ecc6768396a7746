/* QR code logins: the token is made, looked at, attached (accounts-api I.4); api_keys exchanges it. */
#include "http/ctx.h"
#include "resources/auth_tokens/auth_token.h"
#include "service/caller.h"

/* Nothing is asked for; what is sent has to be JSON all the same. */
struct nothing {
	char unused;
};
static const struct field nothing_fields[] = { FIELDS_END };
static const struct shape nothing_shape = { "Nothing", nothing_fields, sizeof(struct nothing) };

static enum err auth_token_make(struct ctx *c)
{
	return auth_token_create(c->service, c->out);
}

static enum err auth_token_show(struct ctx *c)
{
	*(struct auth_token *)c->out = *(const struct auth_token *)c->subject;
	return ERR_OK;
}

static enum err auth_token_attach_mine(struct ctx *c)
{
	const struct auth_token_path *in = c->in;

	return auth_token_attach(c->service, in->token, c->caller->identity.account_id);
}

#define QR_LOGIN .tag = "QR code login"
#define WAITING  QR_LOGIN, .auth = AUTH_USER, .subject = &auth_token_waiting

const struct endpoint auth_tokens_endpoints[] = {
	{ POST("/api/accounts/auth_token"), QR_LOGIN,
		.untold = "it opens nothing before it is attached, which is told",
		.auth = AUTH_PUBLIC, .writes = true, .flags = ROW_TOKENS, .status = 201,
		.in = &nothing_shape, .out = &auth_token_shape, HANDLE(auth_token_make),
		.summary = "Make a token for a QR code, which a logged-in device then attaches" },
	{ GET("/api/accounts/me/auth_token/{auth_token}"), WAITING, .out = &auth_token_asker_shape,
		HANDLE(auth_token_show),
		.summary = "Tell who made a token that waits, before it is attached" },
	/* In the description it would be taken for /api/accounts/{id}/block and its like. */
	{ GET("/api/accounts/auth_token/{auth_token}"), WAITING, .flags = ROW_HIDDEN,
		.out = &auth_token_asker_shape, HANDLE_AS(auth_token_show, "auth_token_show_alias"),
		.summary = "The same beside the path that attaches it" },
	{ GET("/api/accounts/auth_token/{auth_token}/attach"), QR_LOGIN, .auth = AUTH_USER,
		.in = &auth_token_path_shape, .writes = true,
		.flags = ROW_SIDE_EFFECT | ROW_NO_COOKIE | ROW_MAKES_KEY, .exchanges = 3,
		HANDLE(auth_token_attach_mine),
		.summary = "Let the device that shows this token have an API key of the caller" },
	ENDPOINTS_END,
};
