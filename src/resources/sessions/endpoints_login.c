/* The login of web and desktop clients (cti-api 1.1 to 1.4). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/service.h"

#include "base/clock.h"
#include "resources/sessions/fields.h"
#include "resources/sessions/login.h"

#define LOGIN_BODY_MAX  (32u * 1024)
#define LOGOUT_BODY_MAX 1024

static const struct field login_fields[] = {
	FIELD_TEXT(cti_login, username, .flags = FIELD_REQUIRED | FIELD_NFC, .max = LOGIN_NAME_MAX,
		.doc = "user, or user@domain", .example = "alice"),
	FIELD_TEXT(cti_login, password, .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_RAW,
		.max = ACCOUNT_PASSWORD_MAX, .doc = "Password of the SIP account"),
	FIELDS_END,
};
static const struct shape login_shape = { "Login", login_fields, sizeof(struct cti_login) };

struct login_answer {
	int64_t code;
	const char *expire, *token;
};
static const struct field login_answer_fields[] = {
	FIELD_INT(login_answer, code, .doc = "200"),
	FIELD_TEXT(login_answer, expire, .doc = "End of the token, RFC 3339",
		.example = "2026-11-17T10:30:00Z"),
	FIELD_TEXT(login_answer, token, .flags = FIELD_SECRET, .doc = "JWT"),
	FIELDS_END,
};
static const struct shape login_answer_shape = { "LoginAnswer", login_answer_fields,
	sizeof(struct login_answer) };

struct code_answer {
	int64_t code;
};
static const struct field code_answer_fields[] = {
	FIELD_INT(code_answer, code, .doc = "200"),
	FIELDS_END,
};
static const struct shape code_answer_shape = { "CodeAnswer", code_answer_fields,
	sizeof(struct code_answer) };

static enum err login(struct ctx *c)
{
	struct login_answer *answer = c->out;
	char *expire = arena_alloc(c->arena, CLOCK_ISO_SIZE);
	struct opened_session made;
	enum err e = cti_login(c->service, c->caller->space, c->in, &made);

	if (e != ERR_OK)
		return e;
	clock_rfc3339(expire, made.expires_at);
	*answer = (struct login_answer){ 200, expire, made.token };
	return ERR_OK;
}

static enum err logout(struct ctx *c)
{
	struct code_answer *answer = c->out;

	answer->code = 200;
	return cti_logout(c->service, &c->caller->identity);
}

#define LOGIN \
	.untold = "logins and logouts are told in the log", .family = FAMILY_CTI, .tag = "CTI login"

static const struct refusal login_incomplete = { 401, "login_incomplete",
	UNTRANSLATED("missing Username or Password") };
static const struct refusal login_unavailable = { 503, "login_unavailable",
	UNTRANSLATED("authentication backend unavailable") };

const struct endpoint sessions_login_endpoints[] = {
	{ POST("/api/login"), LOGIN, .auth = AUTH_PUBLIC, .flags = ROW_FORM | ROW_BODY_ONLY,
		.in = &login_shape, .out = &login_answer_shape, .body_max = LOGIN_BODY_MAX,
		.refusals = { &login_refused }, .invalid_as = &login_incomplete,
		.unavailable_as = &login_unavailable, HANDLE(login),
		.summary = "Log in with a password and get a JWT",
		.example = "{\"username\":\"alice\",\"password\":\"correct horse\"}" },
	{ POST("/api/logout"), LOGIN, .auth = AUTH_USER, .writes = true, .flags = ROW_AT_ONCE,
		.open_to = OPEN_PENDING | OPEN_ENROLMENT | OPEN_PROGRAM, .out = &code_answer_shape,
		.body_max = LOGOUT_BODY_MAX, HANDLE(logout),
		.summary = "End the session of the presented JWT" },
	ENDPOINTS_END,
};
