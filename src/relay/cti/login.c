#include "login.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "relay/core/channel.h"
#include "relay/core/client.h"
#include "relay/core/rooms.h"
#include "cti_priv.h"
#include "lookup_result.h"

#define LOGIN_ARENA 1024

static void login_look_up(struct cti_login *l);
static void login_continue(struct cti_login *l);

static void login_free(struct cti_login *l)
{
	if (l->client)
		l->client->login = NULL;
	list_remove(&l->waiting);
	deadline_clear(&l->timer);
	arena_free(&l->arena);
	l->core->counters.logins_pending--;
	free(l);
}

/* The client goes, and its login with it. */
static void login_refuse(struct cti_login *l, enum login_refusal why)
{
	struct cti_client *c = l->client;

	login_abandon(l);
	session_line_refused(c, why);
	client_refuse(c, CLOSE_LOGIN_REFUSED);
}

void login_abandon(struct cti_login *l)
{
	l->client->login = NULL;
	l->client = NULL;
	list_remove(&l->waiting);
	deadline_clear(&l->timer);
	if (claim_drop(&l->claim) && !l->asked)
		login_free(l);
}

/* A second login may renew the token of the user that is logged in, no more. */
static bool is_another_user(const struct cti_login *l)
{
	struct buf name;
	bool same;

	if (!l->client->live || !l->shown.claims.id)
		return false;
	buf_init(&name, CORE_NAME_MAX);
	channel_user(&name, l->core->settings->prefix, str_from(l->shown.claims.domain),
		str_from(l->shown.claims.id));
	same = str_is(buf_str(&name), l->client->self.channel->name);
	buf_finish(&name);
	return !same;
}

static void decline_login(struct cti_login *l)
{
	struct cti_client *c = l->client;

	login_free(l);
	client_bad_request(c);
}

void login_begin(struct cti_client *c, struct str args)
{
	enum credentials_answer shown;
	struct cti_login *l;

	if (c->login)
		return;
	l = mem_alloc(sizeof(*l));
	c->core->counters.logins_pending++;
	l->core = c->core;
	l->client = c;
	l->arena = arena_new(LOGIN_ARENA);
	list_init(&l->waiting);
	deadline_init(&l->timer);
	deadline_init(&l->claim.wait);
	c->login = l;
	shown = credentials_read(&l->shown, args, cti_of(c->core)->settings->keys,
		core_wall_us(c->core) / CLOCK_SECOND_US, l->arena);
	if (shown == CREDENTIALS_MALFORMED && c->live) {
		decline_login(l);
	} else if (shown != CREDENTIALS_READ) {
		login_refuse(l, shown == CREDENTIALS_MALFORMED ? LOGIN_MALFORMED : LOGIN_TOKEN);
	} else if (is_another_user(l)) {
		decline_login(l);
	} else {
		login_look_up(l);
	}
}

/* A user's clients beyond the limit push out the oldest, which may come back: 41 would end the session of
 * all of them. Those of other relays count, too (crowd.h); of its own a relay needs to ask none. */
static void make_room(struct cti_client *newest)
{
	struct cti_channel *ch = newest->self.channel;
	size_t n = channel_member_count(ch);

	LIST_FOR_EACH(m, &ch->members, struct cti_member, link) {
		if (n <= cti_of(newest->core)->settings->user_sockets_max)
			return;
		if (m->client != newest) {
			client_note_crowd(newest->core);
			client_close(m->client, SIO_END_RETRY, CLOSE_USER_SOCKETS);
		}
		n--;
	}
}

static enum err enter_channels(struct cti_login *l, const struct cti_permissions *p)
{
	struct cti_client *c = l->client;
	enum err e;

	if (c->self.channel)
		return p->version < c->version ? ERR_OK : rooms_permit(c, p);
	e = client_enter(c, str_from(l->shown.claims.domain), str_from(l->shown.claims.id));
	return e == ERR_OK ? rooms_permit(c, p) : e;
}

static void accept_result(struct cti_login *l, const struct lookup_result *r)
{
	struct cti_client *c = l->client;
	int64_t expires_at = l->shown.claims.expires_at;

	if (r->expires_at < expires_at)
		expires_at = r->expires_at;
	if (!str_is(r->user, l->shown.claims.id) ||
		(l->shown.claims.two_factor && !r->otp_verified) ||
		expires_at * CLOCK_SECOND_US <= core_wall_us(c->core)) {
		login_refuse(l, LOGIN_SESSION);
		return;
	}
	if (enter_channels(l, &r->permissions) != ERR_OK) {
		login_refuse(l, LOGIN_PERMISSIONS);
		return;
	}
	client_bind(c, l->shown.claims.jti, expires_at);
	if (!c->live)
		c->ua = c->ua_shown = (uint8_t)l->shown.ua;
	make_room(c);
	login_continue(l);
}

/* False: there is no client to be told. */
static bool take_answer(struct cti_login *l)
{
	l->asked = false;
	if (l->client)
		return true;
	login_free(l);
	return false;
}

/* What a token of the HMAC login does not say itself. */
static void learn_claims(struct cti_login *l, const struct lookup_result *r)
{
	l->shown.claims =
		(struct session_claims){ .id = arena_strndup(l->arena, r->user.p, r->user.n),
			.domain = arena_strndup(l->arena, r->domain.p, r->domain.n),
			.jti = arena_strndup(l->arena, r->jti.p, r->jti.n),
			.expires_at = r->expires_at };
}

static bool read_answer(struct str body, struct cti_login *l, struct lookup_result *ret)
{
	if (!lookup_result_of_answer(body, l->arena, ret))
		return false;
	if (l->shown.hmac)
		learn_claims(l, ret);
	return str_is(ret->jti, l->shown.claims.jti);
}

static void ask_later(struct cti_login *l)
{
	struct cti *cti = cti_of(l->core);

	deadline_set(&l->timer, &cti->retries, core_now(l->core) + cti->settings->retry_ms);
}

static void wait_for_redis(struct cti_login *l)
{
	if (pipeline_is_up(l->core->commands)) {
		ask_later(l);
		return;
	}
	list_remove(&l->waiting);
	list_add_tail(&cti_of(l->core)->waiting, &l->waiting);
}

static void on_api_answer(void *arg, enum session_answer answer, struct str body)
{
	struct cti_login *l = arg;
	struct lookup_result r;

	if (!take_answer(l))
		return;
	if (answer == SESSION_REFUSED)
		login_refuse(l, LOGIN_SESSION);
	else if (answer != SESSION_ALIVE || !read_answer(body, l, &r))
		ask_later(l);
	else if (is_another_user(l))
		decline_login(l);
	else
		accept_result(l, &r);
}

static void ask_api(struct cti_login *l)
{
	const struct cti_ports *ports = cti_of(l->core)->ports;

	l->asked = true;
	ports->ask(ports->core.arg, l->shown.authorization, str_from(l->shown.claims.domain),
		on_api_answer, l);
}

static void on_mirror(void *arg, const struct redis_reply *reply)
{
	struct cti_login *l = arg;
	struct lookup_result r;

	if (!take_answer(l))
		return;
	if (!reply) {
		wait_for_redis(l);
	} else if (!lookup_result_of_copy(reply, &r)) {
		ask_api(l);
	} else {
		accept_result(l, &r);
	}
}

static void login_look_up(struct cti_login *l)
{
	struct buf key;

	if (l->shown.hmac) {
		l->confirmed = client_is_confirmed(l->client);
		ask_api(l);
		return;
	}
	buf_init(&key, CORE_NAME_MAX);
	channel_token(&key, l->core->settings->prefix, str_from(l->shown.claims.domain),
		str_from(l->shown.claims.jti));
	l->asked = true;
	l->confirmed = client_is_confirmed(l->client);
	if (key.overflow) {
		l->asked = false;
		login_refuse(l, LOGIN_TOKEN);
	} else if (pipeline_send(l->core->commands, REDIS_COMMAND(SESSION_COPY_READ(buf_str(&key))),
			   on_mirror, l) != ERR_OK) {
		l->asked = false;
		wait_for_redis(l);
	}
	buf_finish(&key);
}

static void on_granted(struct claim *claim)
{
	struct cti_login *l = LIST_ENTRY(claim, struct cti_login, claim);
	struct cti_client *c = l->client;

	login_free(l);
	client_go_live(c);
}

static void on_again(struct claim *claim)
{
	struct cti_login *l = LIST_ENTRY(claim, struct cti_login, claim);

	if (l->client)
		wait_for_redis(l);
	else
		login_free(l);
}

/* The last step. */
static void claim_use(struct cti_login *l)
{
	l->claim.client = l->client;
	l->claim.jti = l->shown.claims.jti;
	l->claim.arena = l->arena;
	l->claim.granted = on_granted;
	l->claim.again = on_again;
	claim_begin(&l->claim);
}

/* What is known from before the subscription may have been revoked until it was confirmed, so it is
 * looked up once more. */
static void login_continue(struct cti_login *l)
{
	if (l->asked || l->claim.asked || l->claim.waits || !list_is_empty(&l->waiting) ||
		deadline_is_set(&l->timer) || !client_is_confirmed(l->client))
		return;
	if (l->confirmed)
		claim_use(l);
	else
		login_look_up(l);
}

void login_rebind(struct cti_login *l, const char *jti)
{
	l->claim.jti = l->shown.claims.jti = arena_strdup(l->arena, jti);
}

static void resume_all(struct core *core)
{
	struct list *waiting = &cti_of(core)->waiting;
	struct list all;

	list_init(&all);
	while (!list_is_empty(waiting)) {
		struct list *first = waiting->next;

		list_remove(first);
		list_add_tail(&all, first);
	}
	while (!list_is_empty(&all)) {
		struct cti_login *l = LIST_ENTRY(all.next, struct cti_login, waiting);

		list_remove(&l->waiting);
		login_look_up(l);
	}
}

void login_on_retry(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	login_look_up(LIST_ENTRY(d, struct cti_login, timer));
}

static void on_client_confirmed(struct cti_client *c, bool orders)
{
	(void)orders;
	if (c->login)
		login_continue(c->login);
}

static void on_live(struct cti_client *c, bool first)
{
	if (first)
		session_line_login(c);
	sio_settled(c->sio, true);
	sio_emit_frame(c->sio, cti_of(c->core)->authe_ok);
}

/* An answer on its way may be the old one. */
static void on_told(struct cti_client *c)
{
	if (!c->login)
		return;
	c->login->confirmed = false;
	login_continue(c->login);
}

static void on_retiring(struct cti_client *c)
{
	if (c->login)
		login_abandon(c->login);
}

const struct core_listener login_listener = {
	.client_confirmed = on_client_confirmed,
	.live = on_live,
	.told = on_told,
	.retiring = on_retiring,
	.redis_up = resume_all,
};
