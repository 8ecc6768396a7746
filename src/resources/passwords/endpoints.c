/* The own password (accounts-api I.6). */
#include "http/ctx.h"
#include "resources/passwords/password.h"
#include "text/language.h"

static const struct field change_fields[] = {
	FIELD_TEXT(password_change, password, .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_RAW,
		.max = ACCOUNT_PASSWORD_MAX, .doc = "The new one"),
	FIELD_TEXT(password_change, algorithm,
		.doc = "MD5 or SHA-256; the space's default if absent", .example = "SHA-256"),
	FIELD_TEXT(password_change, old_password, .flags = FIELD_SECRET | FIELD_RAW,
		.max = ACCOUNT_PASSWORD_MAX,
		.doc = "The present one; required unless there is none"),
	FIELDS_END,
};
static const struct shape change_shape = { "PasswordChange", change_fields,
	sizeof(struct password_change) };

static enum err me_password(struct ctx *c)
{
	return password_change_own(c->service, &c->caller->identity, c->in,
		language_tags[c->request->language], c->out);
}

const struct endpoint passwords_endpoints[] = {
	{ POST("/api/accounts/me/password"), .auth = AUTH_USER, .tag = "My account",
		.flags = ROW_WITH_ACCOUNT | ROW_BODY_ONLY | ROW_ON_BAD_FIELDS, .in = &change_shape,
		.out = &account_shape, .reader = READER_SELF, HANDLE(me_password),
		.summary = "Change the own password; other sessions and API keys end",
		.example = "{\"password\":\"battery staple\",\"old_password\":\"correct horse\"}" },
	ENDPOINTS_END,
};
