/* The caller's sessions (cti-api 4.3). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/service.h"

#include "resources/sessions/session.h"

#define STATUS_NO_CONTENT 204

struct by_jti {
	const char *jti;
};
static const struct field by_jti_fields[] = {
	FIELD_TEXT(by_jti, jti, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .max = 64,
		.doc = "Identifier of the session"),
	FIELDS_END,
};
static const struct shape by_jti_shape = { "ByJti", by_jti_fields, sizeof(struct by_jti) };

static enum err list(struct ctx *c, const void *input)
{
	struct session *sessions;
	size_t n;
	enum err e = session_list(c->service, &c->caller->identity, &sessions, &n);

	(void)input;
	return e == ERR_OK ? reply_list(c, sessions, n) : e;
}

static enum err end(struct ctx *c, const void *input)
{
	const struct by_jti *in = input;
	enum err e = session_end(c->service, &c->caller->identity, in->jti);

	return e == ERR_OK ? reply_nothing(c) : e;
}

static enum err end_others(struct ctx *c, const void *input)
{
	enum err e = session_end_others(c->service, &c->caller->identity);

	(void)input;
	return e == ERR_OK ? reply_nothing(c) : e;
}

const struct endpoint sessions_endpoints[] = {
	{
		.method = METHOD_GET,
		.path = "/api/sessions",
		.auth = AUTH_USER,
		.family = FAMILY_CTI,
		.flags = ENDPOINT_OWN_SESSION,
		.result = RESULT_LIST,
		.out = &session_shape,
		.handle = list,
		.tag = "CTI sessions",
		.summary = "List one's live sessions, newest first",
	},
	{
		.method = METHOD_DELETE,
		.path = "/api/sessions/{jti}",
		.auth = AUTH_USER,
		.family = FAMILY_CTI,
		.flags = ENDPOINT_OWN_SESSION | ENDPOINT_WRITES,
		.in = &by_jti_shape,
		.status = STATUS_NO_CONTENT,
		.result = RESULT_NOTHING,
		.errors = { ERR_NOT_FOUND },
		.handle = end,
		.tag = "CTI sessions",
		.summary = "End one of one's sessions, wherever it is used",
	},
	{
		.method = METHOD_DELETE,
		.path = "/api/sessions",
		.auth = AUTH_USER,
		.family = FAMILY_CTI,
		.flags = ENDPOINT_OWN_SESSION | ENDPOINT_WRITES,
		.status = STATUS_NO_CONTENT,
		.result = RESULT_NOTHING,
		.handle = end_others,
		.tag = "CTI sessions",
		.summary = "End all of one's sessions but this one",
	},
	ENDPOINTS_END,
};
