#include "session_line.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "relay/core/client.h"
#include "cti_priv.h"
#include "predecessor.h"

#define ARENA_FIRST    512
#define NAME_QUOTED    600 /* a name of CORE_NAME_MAX may be longer: it is cut */
#define ADDRESS_QUOTED (2 * 56 + 3)
#define WHOSE_MAX      (2 * NAME_QUOTED + ADDRESS_QUOTED + 128)

/* "" is "-". */
static const char *shown(char *out, size_t cap, const char *text)
{
	return *text ? log_quote(out, cap, str_from(text)) : "-";
}

/* Whose session it is, and from where: the same fields in each line. */
static const char *whose(const struct cti_client *c, char out[WHOSE_MAX])
{
	char user[NAME_QUOTED], domain[NAME_QUOTED], address[ADDRESS_QUOTED];
	struct arena *arena = arena_new(ARENA_FIRST);
	struct str space = c->self.channel ? client_domain(c) : STR("");

	snprintf(out, WHOSE_MAX, "sid=%s user=%s domain=%s address=%s client=%s", c->sio->id,
		shown(user, sizeof(user), c->self.channel ? client_user(c, arena) : ""),
		shown(domain, sizeof(domain), arena_strndup(arena, space.p, space.n)),
		shown(address, sizeof(address), sio_network(c->sio)),
		c->ua_shown ? ua_name(c->ua_shown) : "-");
	arena_free(&arena);
	return out;
}

void session_line_login(const struct cti_client *c)
{
	char text[WHOSE_MAX], session[NAME_QUOTED];

	log_fields(LOG_LEVEL_INFO, "login", "%s session=%s", whose(c, text),
		shown(session, sizeof(session), c->jti ? c->jti : ""));
}

void session_line_refused(const struct cti_client *c, enum login_refusal why)
{
	static const char *const words[] = { [LOGIN_MALFORMED] = "malformed",
		[LOGIN_TOKEN] = "token",
		[LOGIN_SESSION] = "session",
		[LOGIN_PERMISSIONS] = "permissions" };
	char address[ADDRESS_QUOTED];
	uint64_t left_out;

	if (!sample_take(&cti_of(c->core)->refused_logins[why], core_now(c->core), &left_out))
		return;
	log_fields(LOG_LEVEL_INFO, "login_refused", "reason=%s sid=%s address=%s left_out=%" PRIu64,
		words[why], c->sio->id, shown(address, sizeof(address), sio_network(c->sio)),
		left_out);
}

void session_line_takeover(const struct cti_client *c, const struct predecessor *old)
{
	char text[WHOSE_MAX], sid[NAME_QUOTED], relay[NAME_QUOTED];

	log_fields(LOG_LEVEL_INFO, "takeover", "%s old_sid=%s old_relay=%s", whose(c, text),
		shown(sid, sizeof(sid), old->sid), shown(relay, sizeof(relay), old->relay));
}

void session_line_close(struct cti_client *c, const struct sio_closing *closing)
{
	struct core *core = c->core;
	char text[WHOSE_MAX];
	uint64_t left_out = 0;

	if (!c->was_live &&
		!sample_take(&cti_of(core)->closes[closing->why], core_now(core), &left_out))
		return;
	c->was_live = false;
	log_fields(LOG_LEVEL_INFO, "close",
		"%s reason=%s code=%u seconds=%" PRId64 " messages=%" PRIu32 " left_out=%" PRIu64,
		whose(c, text), close_reason_word(closing->why), closing->code,
		core_wall_us(core) / CLOCK_SECOND_US - c->since, c->sio->messages, left_out);
}
