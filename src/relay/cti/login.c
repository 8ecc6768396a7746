#include "login.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_slice.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "crypto/hmac_token.h"
#include "relay/core/channel.h"
#include "relay/core/client.h"
#include "relay/core/rooms.h"
#include "arguments.h"
#include "cti_priv.h"
#include "lookup_result.h"
#include "takeover.h"

#define LOGIN_NAME_MAX    256
#define LOGIN_MEMBERS_MAX 16
#define LOGIN_ARENA       1024

static void login_look_up(struct cti_login *l);
static void login_continue(struct cti_login *l);

/* The object a client sends with the event. */
struct arguments {
	char *name; /* accessKeyId, in lower case */
	struct str token;
	enum cti_ua ua;
};

/* A uaType that is no text counts as absent. */
static bool read_ua(struct str object, enum cti_ua *ret)
{
	struct str value;
	char text[16];
	size_t n;

	*ret = CTI_UA_NONE;
	if (!json_slice_member(object, "uaType", &value) || json_slice_kind(value) != JSON_STRING)
		return true;
	if (!json_slice_text(value, text, sizeof(text), &n))
		return false;
	if (strcmp(text, "mobile") == 0)
		*ret = CTI_UA_MOBILE;
	else if (strcmp(text, "desktop") == 0)
		*ret = CTI_UA_DESKTOP;
	return *ret != CTI_UA_NONE;
}

static bool read_arguments(struct str args, struct arena *arena, struct arguments *ret)
{
	struct str object, name;

	if (!arguments_object(args, LOGIN_MEMBERS_MAX, arena, &object) ||
		!arguments_text(object, "accessKeyId", arena, LOGIN_NAME_MAX - 1, &name) ||
		!arguments_text(object, "token", arena, SESSION_TOKEN_MAX, &ret->token) ||
		!read_ua(object, &ret->ua))
		return false;
	ret->name = arena_strndup(arena, name.p, name.n);
	str_lower(ret->name);
	return true;
}

/* The name is the token's user, alone or with the domain. */
static bool name_fits(const char *name, const struct session_claims *claims, struct arena *arena)
{
	char *user = arena_printf(arena, "%s", claims->id);
	char *address = arena_printf(arena, "%s@%s", claims->id, claims->domain);

	str_lower(user);
	str_lower(address);
	return strcmp(name, user) == 0 || strcmp(name, address) == 0;
}

static struct str authorization_text(struct arena *arena, const char *before, struct str token)
{
	return str_from(arena_printf(arena, "%s%.*s", before, (int)token.n, token.p));
}

static bool token_opens(struct cti_login *l, const struct arguments *args)
{
	int64_t now_s = core_wall_us(l->core) / CLOCK_SECOND_US;

	l->ua = args->ua;
	l->legacy = hmac_token_is_shaped(args->token);
	if (l->legacy) {
		l->authorization = authorization_text(
			l->arena, arena_printf(l->arena, "%s:", args->name), args->token);
		return true;
	}
	l->authorization = authorization_text(l->arena, "Bearer ", args->token);
	return session_token_verify(cti_of(l->core)->settings->keys, args->token, now_s, l->arena,
		       &l->claims) == ERR_OK &&
	       !(l->claims.two_factor && !l->claims.otp_verified) &&
	       strlen(l->claims.jti) <= CLIENT_JTI_MAX &&
	       name_fits(args->name, &l->claims, l->arena);
}

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

/* The session takes the login with it. */
static void login_refuse(struct cti_login *l)
{
	struct cti_client *c = l->client;

	login_abandon(l);
	client_refuse(c);
}

void login_abandon(struct cti_login *l)
{
	l->client->login = NULL;
	l->client = NULL;
	list_remove(&l->waiting);
	deadline_clear(&l->timer);
	if (takeover_drop(&l->claim) && !l->asked)
		login_free(l);
}

/* Whether the session is the one logged in already: a second login may renew its token, no more. */
static bool is_another_user(const struct cti_login *l)
{
	struct buf name;
	bool same;

	if (!l->client->live || !l->claims.id)
		return false;
	buf_init(&name, CORE_NAME_MAX);
	channel_user(&name, l->core->settings->prefix, str_from(l->claims.domain),
		str_from(l->claims.id));
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
	struct cti_login *l;
	struct arguments a = { 0 };

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
	if (!read_arguments(args, l->arena, &a) || !token_opens(l, &a)) {
		login_refuse(l);
	} else if (is_another_user(l)) {
		decline_login(l);
	} else {
		login_look_up(l);
	}
}

/* A user's clients beyond the limit push out the oldest. Redis counts those of other relays too,
 * but does not know which of the same second came first. */
static void make_room(struct cti_client *newest)
{
	struct cti_channel *ch = newest->self.channel;
	size_t n = channel_member_count(ch);

	LIST_FOR_EACH(m, &ch->members, struct cti_member, link) {
		if (n <= cti_of(newest->core)->settings->user_sockets_max)
			return;
		if (m->client != newest)
			client_send_away(m->client);
		n--;
	}
}

static enum err enter_channels(struct cti_login *l, const struct cti_permissions *p)
{
	struct cti_client *c = l->client;
	enum err e;

	if (c->self.channel)
		return p->version < c->version ? ERR_OK : rooms_permit(c, p);
	e = client_enter(c, str_from(l->claims.domain), str_from(l->claims.id));
	return e == ERR_OK ? rooms_permit(c, p) : e;
}

static void accept_result(struct cti_login *l, const struct lookup_result *f)
{
	struct cti_client *c = l->client;
	int64_t expires_at = l->claims.expires_at;

	if (f->expires_at < expires_at)
		expires_at = f->expires_at;
	if (!str_is(f->user, l->claims.id) || (l->claims.two_factor && !f->otp_verified) ||
		expires_at * CLOCK_SECOND_US <= core_wall_us(c->core) ||
		enter_channels(l, &f->permissions) != ERR_OK) {
		login_refuse(l);
		return;
	}
	client_bind(c, l->claims.jti, expires_at);
	if (!c->live)
		c->ua = (uint8_t)l->ua;
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
static void learn_claims(struct cti_login *l, const struct lookup_result *f)
{
	l->claims = (struct session_claims){ .id = arena_strndup(l->arena, f->user.p, f->user.n),
		.domain = arena_strndup(l->arena, f->domain.p, f->domain.n),
		.jti = arena_strndup(l->arena, f->jti.p, f->jti.n),
		.expires_at = f->expires_at };
}

static bool read_answer(struct str body, struct cti_login *l, struct lookup_result *ret)
{
	if (!lookup_result_of_answer(body, l->arena, ret))
		return false;
	if (l->legacy)
		learn_claims(l, ret);
	return str_is(ret->jti, l->claims.jti);
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
	struct lookup_result f;

	if (!take_answer(l))
		return;
	if (answer == SESSION_REFUSED)
		login_refuse(l);
	else if (answer != SESSION_ALIVE || !read_answer(body, l, &f))
		ask_later(l);
	else if (is_another_user(l))
		decline_login(l);
	else
		accept_result(l, &f);
}

static void ask_api(struct cti_login *l)
{
	const struct cti_ports *ports = cti_of(l->core)->ports;

	l->asked = true;
	ports->ask(ports->core.arg, l->authorization, str_from(l->claims.domain), on_api_answer, l);
}

static void on_mirror(void *arg, const struct redis_reply *reply)
{
	struct cti_login *l = arg;
	struct lookup_result f;

	if (!take_answer(l))
		return;
	if (!reply) {
		wait_for_redis(l);
	} else if (!lookup_result_of_copy(reply, &f)) {
		ask_api(l);
	} else {
		accept_result(l, &f);
	}
}

static void login_look_up(struct cti_login *l)
{
	struct buf key;

	if (l->legacy) {
		l->confirmed = client_is_confirmed(l->client);
		ask_api(l);
		return;
	}
	buf_init(&key, CORE_NAME_MAX);
	channel_token(&key, l->core->settings->prefix, str_from(l->claims.domain),
		str_from(l->claims.jti));
	l->asked = true;
	l->confirmed = client_is_confirmed(l->client);
	if (key.overflow) {
		l->asked = false;
		login_refuse(l);
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
	l->claim.jti = l->claims.jti;
	l->claim.arena = l->arena;
	l->claim.granted = on_granted;
	l->claim.again = on_again;
	takeover_claim(&l->claim);
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
	l->claim.jti = l->claims.jti = arena_strdup(l->arena, jti);
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

static void on_client_confirmed(struct cti_client *c, bool own_channel)
{
	(void)own_channel;
	if (c->login)
		login_continue(c->login);
}

static void on_live(struct cti_client *c, bool first)
{
	(void)first;
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
