#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "redis/live_sockets.h"
#include "crypto/hmac_token.h"
#include "cti_priv.h"

struct cti_ticket *ticket_new(const struct cti_session *s)
{
	struct cti_ticket *t = mem_alloc(sizeof(*t));

	t->cti = s->cti;
	snprintf(t->sid, sizeof(t->sid), "%s", s->sio->id);
	snprintf(t->jti, sizeof(t->jti), "%s", s->jti ? s->jti : "");
	return t;
}

void roster_put_key(struct buf *ret_key, const struct cti_session *s)
{
	struct arena *arena = arena_new(512);

	buf_init(ret_key, CTI_NAME_MAX);
	channel_roster(ret_key, s->cti->settings->prefix, session_domain(s),
		str_from(session_user(s, arena)));
	arena_free(&arena);
}

/* The user has too many clients, counted over all relays: the oldest goes. */
static void on_entered(void *arg, const struct redis_reply *reply)
{
	struct cti_ticket *t = arg;
	struct cti_session *s = reply && reply->text.n ? directory_find(t->cti, t->sid) : NULL;

	if (s && s->live) {
		const char *items[] = { reply->text.p };
		const struct message m = { .kind = MESSAGE_CONTROL,
			.op = MESSAGE_KICK,
			.sids = { items, 1 },
			.how = "logout" };

		post_send(t->cti, str_from(s->self.channel->name), &m, NULL, NULL);
	}
	free(t);
}

/* What Redis does not take now it gets with the next look. */
void roster_enter(struct cti_session *s)
{
	struct cti *c = s->cti;
	struct arena *arena = arena_new(512);
	struct cti_ticket *t = ticket_new(s);
	struct buf key;
	char *max = arena_printf(arena, "%" PRIu32, c->settings->user_sockets_max);
	char *entry = arena_printf(arena, "%s %s %s %" PRIu32 " -", c->settings->relay,
		s->ua ? ua_name(s->ua) : "-", s->jti, s->since);

	roster_put_key(&key, s);
	if (pipeline_send(c->commands,
		    REDIS_COMMAND(LIVE_SOCKETS_ENTER(
			    buf_str(&key), str_from(s->sio->id), str_from(entry), str_from(max))),
		    on_entered, t) != ERR_OK)
		free(t);
	buf_finish(&key);
	arena_free(&arena);
}

void roster_leave(struct cti_session *s)
{
	struct buf key;

	roster_put_key(&key, s);
	if (pipeline_send(s->cti->commands,
		    REDIS_COMMAND(STR("HDEL"), buf_str(&key), str_from(s->sio->id)), NULL,
		    NULL) != ERR_OK)
		log_debug("redis is away: an entry of the roster is forgotten in its own time");
	buf_finish(&key);
}

/* The session a ticket is about, if it still belongs to the same token. */
static struct cti_session *ticket_session(const struct cti_ticket *t)
{
	struct cti_session *s = directory_find(t->cti, t->sid);

	return s && s->live && s->jti && strcmp(s->jti, t->jti) == 0 ? s : NULL;
}

/* Nothing is said when it changes: a message may have been lost, another token has another end. */
static void take_finding(struct cti_session *s, const struct cti_finding *f)
{
	if (f->expires_at != s->expires_at) {
		s->expires_at = f->expires_at;
		session_time_expiry(s);
	}
	if (session_learn(s, &f->permissions) != ERR_OK)
		session_close(s, SIO_END_RETRY);
}

static void on_api_answer(void *arg, enum session_answer answer, struct str body)
{
	struct cti_ticket *t = arg;
	struct cti_session *s = ticket_session(t);
	struct arena *arena = arena_new(1024);
	struct cti_finding f;

	if (s && answer == SESSION_REFUSED) {
		t->cti->counters.revocations++;
		session_refuse(s);
	} else if (s && answer == SESSION_ALIVE && finding_of_answer(body, arena, &f)) {
		take_finding(s, &f);
	}
	arena_free(&arena);
	free(t);
}

/* Redis forgets, PostgreSQL does not. Tokens are not kept, but one like it can be made: only the API
 * sees it. */
static void ask_api(struct cti_session *s, struct cti_ticket *t)
{
	struct cti *c = s->cti;
	struct arena *arena = arena_new(1024);
	struct str domain = session_domain(s);
	const struct session_claims claims = {
		.id = session_user(s, arena),
		.domain = arena_strndup(arena, domain.p, domain.n),
		.jti = s->jti,
		.issued_at = cti_wall_us(c) / CLOCK_SECOND_US,
		.expires_at = s->expires_at,
		.two_factor = true,
		.otp_verified = true,
	};
	char *token;

	if (session_token_make(c->settings->keys, &claims, arena, &token) == ERR_OK)
		c->ports->ask(c->ports->arg, str_from(arena_printf(arena, "Bearer %s", token)),
			domain, on_api_answer, t);
	else
		free(t);
	arena_free(&arena);
}

/* The API renews the token, as with every use of it (cti-api 1.15). */
static void ask_about_legacy(struct cti_session *s)
{
	struct cti *c = s->cti;
	struct arena *arena = arena_new(1024);
	struct str domain = session_domain(s);
	const char *authorization = arena_printf(
		arena, "%s@%.*s:%s", session_user(s, arena), (int)domain.n, domain.p, s->jti);

	c->ports->ask(c->ports->arg, str_from(authorization), domain, on_api_answer, ticket_new(s));
	arena_free(&arena);
}

static void on_copy_read(void *arg, const struct redis_reply *reply)
{
	struct cti_ticket *t = arg;
	struct cti_session *s = reply ? ticket_session(t) : NULL;
	struct cti_finding f;

	if (s && !finding_of_copy(reply, &f)) {
		ask_api(s, t);
		return;
	}
	if (s)
		take_finding(s, &f);
	free(t);
}

void roster_recheck(struct cti_session *s)
{
	struct cti_ticket *t;
	struct buf key;

	if (str_starts(str_from(s->jti), HMAC_SESSION_PREFIX)) {
		ask_about_legacy(s);
		return;
	}
	t = ticket_new(s);
	buf_init(&key, CTI_NAME_MAX);
	channel_token(&key, s->cti->settings->prefix, session_domain(s), str_from(s->jti));
	if (pipeline_send(s->cti->commands, REDIS_COMMAND(SESSION_COPY_READ(buf_str(&key))),
		    on_copy_read, t) != ERR_OK)
		free(t);
	buf_finish(&key);
}

void roster_look(struct cti_session *s)
{
	session_time_expiry(s);
	roster_recheck(s);
	roster_enter(s);
	takeover_refresh(s);
	transcription_look(s);
}
