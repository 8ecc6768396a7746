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

struct cti_ticket *ticket_new(const struct cti_client *c)
{
	struct cti_ticket *t = mem_alloc(sizeof(*t));

	t->cti = c->cti;
	snprintf(t->sid, sizeof(t->sid), "%s", c->sio->id);
	snprintf(t->jti, sizeof(t->jti), "%s", c->jti ? c->jti : "");
	return t;
}

void liveness_put_key(struct buf *ret_key, const struct cti_client *c)
{
	struct arena *arena = arena_new(512);

	buf_init(ret_key, CTI_NAME_MAX);
	channel_roster(ret_key, c->cti->settings->prefix, client_domain(c),
		str_from(client_user(c, arena)));
	arena_free(&arena);
}

/* The user has too many clients, counted over all relays: the oldest goes. */
static void on_entered(void *arg, const struct redis_reply *reply)
{
	struct cti_ticket *t = arg;
	struct cti_client *c = reply && reply->text.n ? directory_find(t->cti, t->sid) : NULL;

	if (c && c->live) {
		const char *items[] = { reply->text.p };
		const struct message m = { .kind = MESSAGE_CONTROL,
			.op = MESSAGE_KICK,
			.sids = { items, 1 },
			.how = "logout" };

		send_message(t->cti, str_from(c->self.channel->name), &m, NULL, NULL);
	}
	free(t);
}

/* What Redis does not take now it gets with the next look. */
void liveness_enter(struct cti_client *c)
{
	struct cti *cti = c->cti;
	struct arena *arena = arena_new(512);
	struct cti_ticket *t = ticket_new(c);
	struct buf key;
	char *max = arena_printf(arena, "%" PRIu32, cti->settings->user_sockets_max);
	char *entry = arena_printf(arena, "%s %s %s %" PRIu32 " -", cti->settings->relay,
		c->ua ? ua_name(c->ua) : "-", c->jti, c->since);

	liveness_put_key(&key, c);
	if (pipeline_send(cti->commands,
		    REDIS_COMMAND(LIVE_SOCKETS_ENTER(
			    buf_str(&key), str_from(c->sio->id), str_from(entry), str_from(max))),
		    on_entered, t) != ERR_OK)
		free(t);
	buf_finish(&key);
	arena_free(&arena);
}

void liveness_leave(struct cti_client *c)
{
	struct buf key;

	liveness_put_key(&key, c);
	if (pipeline_send(c->cti->commands,
		    REDIS_COMMAND(STR("HDEL"), buf_str(&key), str_from(c->sio->id)), NULL,
		    NULL) != ERR_OK)
		log_debug("redis is away: an entry of the user is forgotten in its own time");
	buf_finish(&key);
}

/* The session a ticket is about, if it still belongs to the same token. */
static struct cti_client *ticket_session(const struct cti_ticket *t)
{
	struct cti_client *c = directory_find(t->cti, t->sid);

	return c && c->live && c->jti && strcmp(c->jti, t->jti) == 0 ? c : NULL;
}

/* Nothing is said when it changes: a message may have been lost, another token has another end. */
static void take_result(struct cti_client *c, const struct lookup_result *f)
{
	if (f->expires_at != c->expires_at) {
		c->expires_at = f->expires_at;
		client_time_expiry(c);
	}
	if (rooms_learn(c, &f->permissions) != ERR_OK)
		client_close(c, SIO_END_RETRY);
}

static void on_api_answer(void *arg, enum session_answer answer, struct str body)
{
	struct cti_ticket *t = arg;
	struct cti_client *c = ticket_session(t);
	struct arena *arena = arena_new(1024);
	struct lookup_result f;

	if (c && answer == SESSION_REFUSED) {
		t->cti->counters.revocations++;
		client_refuse(c);
	} else if (c && answer == SESSION_ALIVE && lookup_result_of_answer(body, arena, &f)) {
		take_result(c, &f);
	}
	arena_free(&arena);
	free(t);
}

/* Redis forgets, PostgreSQL does not. Tokens are not kept, but one like it can be made: only the API
 * sees it. */
static void ask_api(struct cti_client *c, struct cti_ticket *t)
{
	struct cti *cti = c->cti;
	struct arena *arena = arena_new(1024);
	struct str domain = client_domain(c);
	const struct session_claims claims = {
		.id = client_user(c, arena),
		.domain = arena_strndup(arena, domain.p, domain.n),
		.jti = c->jti,
		.issued_at = cti_wall_us(cti) / CLOCK_SECOND_US,
		.expires_at = c->expires_at,
		.two_factor = true,
		.otp_verified = true,
	};
	char *token;

	if (session_token_make(cti->settings->keys, &claims, arena, &token) == ERR_OK)
		cti->ports->ask(cti->ports->arg, str_from(arena_printf(arena, "Bearer %s", token)),
			domain, on_api_answer, t);
	else
		free(t);
	arena_free(&arena);
}

/* The API renews the token, as with every use of it (cti-api 1.15). */
static void ask_about_legacy(struct cti_client *c)
{
	struct cti *cti = c->cti;
	struct arena *arena = arena_new(1024);
	struct str domain = client_domain(c);
	const char *authorization = arena_printf(
		arena, "%s@%.*s:%s", client_user(c, arena), (int)domain.n, domain.p, c->jti);

	cti->ports->ask(
		cti->ports->arg, str_from(authorization), domain, on_api_answer, ticket_new(c));
	arena_free(&arena);
}

static void on_copy_read(void *arg, const struct redis_reply *reply)
{
	struct cti_ticket *t = arg;
	struct cti_client *c = reply ? ticket_session(t) : NULL;
	struct lookup_result f;

	if (c && !lookup_result_of_copy(reply, &f)) {
		ask_api(c, t);
		return;
	}
	if (c)
		take_result(c, &f);
	free(t);
}

void liveness_recheck(struct cti_client *c)
{
	struct cti_ticket *t;
	struct buf key;

	if (str_starts(str_from(c->jti), HMAC_SESSION_PREFIX)) {
		ask_about_legacy(c);
		return;
	}
	t = ticket_new(c);
	buf_init(&key, CTI_NAME_MAX);
	channel_token(&key, c->cti->settings->prefix, client_domain(c), str_from(c->jti));
	if (pipeline_send(c->cti->commands, REDIS_COMMAND(SESSION_COPY_READ(buf_str(&key))),
		    on_copy_read, t) != ERR_OK)
		free(t);
	buf_finish(&key);
}

void liveness_look(struct cti_client *c)
{
	client_time_expiry(c);
	liveness_recheck(c);
	liveness_enter(c);
	takeover_refresh(c);
	transcription_look(c);
}
