/* The question relays ask (cti-api 3.1). */
#include "base/clock.h"
#include "base/json_writer.h"
#include "http/ctx.h"
#include "resources/sessions/session.h"
#include "service/caller.h"
#include "service/service.h"

#define WORDS_GROWTH 4

struct session_answer {
	const char *username, *domain, *jti, *rooms, *ext, *cap;
	int64_t exp; /* seconds */
	int64_t pv;
	bool otp_verified;
};

static const struct field session_answer_fields[] = {
	FIELD_TEXT(session_answer, username),
	FIELD_TEXT(session_answer, domain),
	FIELD_TEXT(session_answer, jti),
	FIELD_INT(session_answer, exp),
	FIELD_BOOL(session_answer, otp_verified),
	FIELD_JSON(session_answer, rooms),
	FIELD_JSON(session_answer, ext),
	FIELD_JSON(session_answer, cap),
	FIELD_INT(session_answer, pv),
	FIELDS_END,
};
static const struct shape session_answer_shape = { "SessionAnswer", session_answer_fields,
	sizeof(struct session_answer) };

/* "a b" as ["a","b"]. The words are plain, so each grows by its quotes and a comma. */
static const char *json_words(struct ctx *c, const char *words)
{
	struct str rest = str_from(words);
	struct json_writer w;
	struct buf b;

	buf_init(&b, WORDS_GROWTH * (rest.n + 1));
	json_writer_init(&w, &b);
	json_array_begin(&w);
	while (rest.n)
		json_str(&w, str_split(&rest, ' '));
	json_array_end(&w);
	return buf_to_arena(&b, c->arena);
}

/* A relay that does not find a session in Redis asks here, and finds it there afterwards. */
static enum err session_check(struct ctx *c)
{
	const struct identity *who = &c->caller->identity;
	struct permissions permissions;
	enum err e;

	/* Its socket was bound to the new one. */
	if (who->replaced)
		return ERR_TOKEN_REVOKED;
	e = session_copy_renew(c->service, who, &permissions);
	if (e != ERR_OK)
		return e;
	*(struct session_answer *)c->out = (struct session_answer){ .username = who->username,
		.domain = who->domain,
		.jti = who->jti,
		.rooms = json_words(c, permissions.rooms),
		.ext = json_words(c, permissions.extensions),
		.cap = json_words(c, permissions.capabilities),
		.pv = permissions.version,
		.exp = permissions_end(&permissions, who->expires_at) / CLOCK_SECOND_US,
		.otp_verified = who->otp_verified };
	return ERR_OK;
}

const struct endpoint sessions_internal_endpoints[] = {
	{ GET("/internal/session"), .auth = AUTH_INTERNAL, .family = FAMILY_CTI,
		.flags = ROW_ANY_HOST, .open_to = OPEN_PROGRAM | OPEN_HMAC,
		.out = &session_answer_shape, HANDLE(session_check), .tag = "CTI sessions",
		.summary = "Tell a relay whose live session a token is" },
	ENDPOINTS_END,
};
