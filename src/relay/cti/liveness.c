#include "liveness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "crypto/hmac_token.h"
#include "crypto/session_token.h"
#include "relay/core/client.h"
#include "relay/core/directory.h"
#include "relay/core/rooms.h"
#include "cti_priv.h"
#include "crowd.h"
#include "lookup_result.h"
#include "ticket.h"

void liveness_put_key(struct buf *ret_key, const struct cti_client *c)
{
	struct arena *arena = arena_new(512);

	buf_init(ret_key, CORE_NAME_MAX);
	channel_roster(ret_key, c->core->settings->prefix, client_domain(c),
		str_from(client_user(c, arena)));
	arena_free(&arena);
}

/* What Redis does not take now it gets with the next look. */
static void put_entry(struct cti_client *c, bool counted)
{
	struct core *core = c->core;
	struct arena *arena = arena_new(512);
	struct buf key;
	char *entry = arena_printf(arena, "%s %s %s %" PRIu32 " -", core->settings->relay,
		c->ua ? ua_name(c->ua) : "-", c->jti, c->since);

	liveness_put_key(&key, c);
	crowd_enter(core, buf_str(&key), c->sio->id, str_from(entry), counted);
	buf_finish(&key);
	arena_free(&arena);
}

void liveness_answer(struct cti_client *c)
{
	put_entry(c, false);
}

static void remove_entry(struct cti_client *c)
{
	struct buf key;

	liveness_put_key(&key, c);
	if (pipeline_send(c->core->commands,
		    REDIS_COMMAND(STR("HDEL"), buf_str(&key), str_from(c->sio->id)), NULL,
		    NULL) != ERR_OK)
		log_debug("redis is away: an entry of the user is forgotten in its own time");
	buf_finish(&key);
}

/* Nothing is said when it changes: a message may have been lost, another token has another end. */
static void take_result(struct cti_client *c, const struct lookup_result *r)
{
	if (r->expires_at != c->expires_at) {
		c->expires_at = r->expires_at;
		client_time_expiry(c);
	}
	if (rooms_learn(c, &r->permissions) != ERR_OK)
		client_close(c, SIO_END_RETRY, CLOSE_PERMISSIONS);
}

static void on_api_answer(void *arg, enum session_answer answer, struct str body)
{
	struct ticket *t = arg;
	struct cti_client *c = ticket_client(t);
	struct arena *arena = arena_new(1024);
	struct lookup_result r;

	if (c && answer == SESSION_REFUSED) {
		t->core->counters.revocations++;
		client_refuse(c, CLOSE_REVOKED);
	} else if (c && answer == SESSION_ALIVE && lookup_result_of_answer(body, arena, &r)) {
		take_result(c, &r);
	}
	arena_free(&arena);
	free(t);
}

/* Redis forgets, PostgreSQL does not. Tokens are not kept, but one like it can be made: only the API
 * sees it. */
static void ask_api(struct cti_client *c, struct ticket *t)
{
	struct core *core = c->core;
	struct cti *cti = cti_of(core);
	struct arena *arena = arena_new(1024);
	struct str domain = client_domain(c);
	const struct session_claims claims = {
		.id = client_user(c, arena),
		.domain = arena_strndup(arena, domain.p, domain.n),
		.jti = c->jti,
		.issued_at = core_wall_us(core) / CLOCK_SECOND_US,
		.expires_at = c->expires_at,
		.two_factor = true,
		.otp_verified = true,
	};
	char *token;

	if (session_token_make(cti->settings->keys, &claims, arena, &token) == ERR_OK)
		cti->ports->ask(core->ports->arg, str_from(arena_printf(arena, "Bearer %s", token)),
			domain, on_api_answer, t);
	else
		free(t);
	arena_free(&arena);
}

/* The API renews the token, as with every use of it (cti-api 1.15). */
static void ask_about_hmac(struct cti_client *c)
{
	struct core *core = c->core;
	struct arena *arena = arena_new(1024);
	struct str domain = client_domain(c);
	const char *authorization = arena_printf(
		arena, "%s@%.*s:%s", client_user(c, arena), (int)domain.n, domain.p, c->jti);

	cti_of(core)->ports->ask(
		core->ports->arg, str_from(authorization), domain, on_api_answer, ticket_new(c));
	arena_free(&arena);
}

static void on_copy_read(void *arg, const struct redis_reply *reply)
{
	struct ticket *t = arg;
	struct cti_client *c = reply ? ticket_client(t) : NULL;
	struct lookup_result r;

	if (c && !lookup_result_of_copy(reply, &r)) {
		ask_api(c, t);
		return;
	}
	if (c)
		take_result(c, &r);
	free(t);
}

/* Whether its token is still good; if not, it is refused. */
static void check_session(struct cti_client *c)
{
	struct ticket *t;
	struct buf key;

	if (str_starts(str_from(c->jti), HMAC_SESSION_PREFIX)) {
		ask_about_hmac(c);
		return;
	}
	t = ticket_new(c);
	buf_init(&key, CORE_NAME_MAX);
	channel_token(&key, c->core->settings->prefix, client_domain(c), str_from(c->jti));
	if (pipeline_send(c->core->commands, REDIS_COMMAND(SESSION_COPY_READ(buf_str(&key))),
		    on_copy_read, t) != ERR_OK)
		free(t);
	buf_finish(&key);
}

/* It may have missed its revocation while the channel was not subscribed. */
static void on_client_confirmed(struct cti_client *c, bool orders)
{
	if (orders && c->live && !c->login)
		check_session(c);
}

static void on_live(struct cti_client *c, bool first)
{
	(void)first;
	put_entry(c, true);
}

/* A login looks by itself. */
static void on_told(struct cti_client *c)
{
	if (c->live && !c->login)
		check_session(c);
}

static void on_look(struct cti_client *c)
{
	check_session(c);
	put_entry(c, true);
}

static void on_retiring(struct cti_client *c)
{
	if (c->live)
		remove_entry(c);
}

const struct core_listener liveness_listener = {
	.client_confirmed = on_client_confirmed,
	.live = on_live,
	.told = on_told,
	.look = on_look,
	.retiring = on_retiring,
};
