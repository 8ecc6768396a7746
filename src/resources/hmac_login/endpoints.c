/* The HMAC login of old clients (cti-api 1.15). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/service.h"

#include "resources/sessions/fields.h"
#include "resources/sessions/login.h"
#include "resources/hmac_login/hmac_login.h"

#define LOGIN_BODY_MAX (32u * 1024)

static const struct field login_fields[] = {
	FIELD_TEXT(hmac_login, username, .flags = FIELD_REQUIRED | FIELD_NFC, .max = LOGIN_NAME_MAX,
		.doc = "user, user@domain, or the number of an extension", .example = "alice"),
	FIELD_TEXT(hmac_login, password, .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_RAW,
		.max = ACCOUNT_PASSWORD_MAX, .doc = "Password of the SIP account"),
	FIELDS_END,
};
static const struct shape login_shape = { "LegacyLogin", login_fields, sizeof(struct hmac_login) };

static bool wants_lasting(const struct ctx *c)
{
	return str_is(c->request->auth_exp, "no-exp");
}

/* Success is a 401 with a nonce: that is how these clients know it. */
static enum err hmac_login_post(struct ctx *c)
{
	struct caller *by = c->caller;
	const struct hmac_login *in = c->in;
	char nonce[HMAC_TOKEN_SIZE];
	enum err e;

	by->deprecated.user = in->username;
	e = hmac_login(c->service, by->space, in, wants_lasting(c), nonce);
	if (e != ERR_OK)
		return e;
	reply_header(c, "WWW-Authenticate", arena_printf(c->arena, "Digest %s", nonce));
	c->reply.status = 401;
	return ERR_OK;
}

static enum err hmac_logout_post(struct ctx *c)
{
	const struct identity *who = &c->caller->identity;

	return who->method == IDENTITY_HMAC
		       ? hmac_logout(c->service, who, c->caller->deprecated.token, wants_lasting(c))
		       : cti_logout(c->service, who);
}

#define OLD \
	.untold = "logins and logouts are told in the log", .family = FAMILY_CTI, .tag = "Legacy"

const struct endpoint hmac_login_endpoints[] = {
	{ POST("/webrest/authentication/login"), OLD, .auth = AUTH_PUBLIC,
		.flags = ROW_FORM | ROW_BODY_ONLY | ROW_HIDDEN, .in = &login_shape,
		.body_max = LOGIN_BODY_MAX, .refusals = { &login_refused, &deprecated_gone },
		.invalid_as = &login_refused, HANDLE(hmac_login_post),
		.summary = "Get a nonce for a password: 401 with WWW-Authenticate is success" },
	{ POST("/webrest/authentication/logout"), OLD, .auth = AUTH_USER, .flags = ROW_HIDDEN,
		.writes = true, .open_to = OPEN_PROGRAM | OPEN_HMAC,
		.refusals = { &deprecated_gone }, HANDLE(hmac_logout_post),
		.summary = "End the presented token" },
	ENDPOINTS_END,
};
