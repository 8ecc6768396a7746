/* The caller's sessions (cti-api 4.3). */
#include "http/ctx.h"
#include "resources/sessions/session.h"
#include "service/caller.h"

#define STATUS_NO_CONTENT 204

static enum err sessions_list(struct ctx *c)
{
	session_list_mark(&c->caller->identity, c->read[0]);
	return reply_read(c);
}

static enum err session_remove(struct ctx *c)
{
	return session_end(c->service, &c->caller->identity, c->subject);
}

static enum err sessions_remove_others(struct ctx *c)
{
	return session_end_others(c->service, &c->caller->identity);
}

#define SESSIONS .auth = AUTH_USER, .family = FAMILY_CTI, .tag = "CTI sessions"

const struct endpoint sessions_endpoints[] = {
	{ GET("/api/sessions"), SESSIONS, .result = RESULT_LIST, .out = &session_shape,
		.reads = { &sessions_own }, HANDLE(sessions_list),
		.summary = "List one's live sessions, newest first" },
	{ DELETE("/api/sessions/{jti}"), SESSIONS, .subject = &session_subject, .writes = true,
		.flags = ROW_AT_ONCE, .status = STATUS_NO_CONTENT, HANDLE(session_remove),
		.summary = "End one of one's sessions, wherever it is used" },
	{ DELETE("/api/sessions"), SESSIONS, .writes = true, .flags = ROW_AT_ONCE,
		.status = STATUS_NO_CONTENT, HANDLE(sessions_remove_others),
		.summary = "End all of one's sessions but this one" },
	ENDPOINTS_END,
};
