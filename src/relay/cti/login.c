#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "crypto/hmac_token.h"
#include "cti_priv.h"
#include "base/json_slice.h"

#define LOGIN_NAME_MAX    256
#define LOGIN_MEMBERS_MAX 16
#define LOGIN_ARENA       1024

static void login_look_up(struct cti_login *l);

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
	int64_t now_s = cti_wall_us(l->cti) / CLOCK_SECOND_US;

	l->ua = args->ua;
	l->legacy = hmac_token_is_shaped(args->token);
	if (l->legacy) {
		l->authorization = authorization_text(
			l->arena, arena_printf(l->arena, "%s:", args->name), args->token);
		return true;
	}
	l->authorization = authorization_text(l->arena, "Bearer ", args->token);
	return session_token_verify(l->cti->settings->keys, args->token, now_s, l->arena,
		       &l->claims) == ERR_OK &&
	       !(l->claims.two_factor && !l->claims.otp_verified) &&
	       strlen(l->claims.jti) <= CTI_JTI_MAX && name_fits(args->name, &l->claims, l->arena);
}

static void login_free(struct cti_login *l)
{
	if (l->client)
		l->client->login = NULL;
	list_remove(&l->waiting);
	deadline_clear(&l->timer);
	arena_free(&l->arena);
	l->cti->counters.logins_pending--;
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
	if (!l->asked)
		login_free(l);
}

/* Whether the session is the one logged in already: a second login may renew its token, no more. */
static bool is_another_user(const struct cti_login *l)
{
	struct buf name;
	bool same;

	if (!l->client->live || !l->claims.id)
		return false;
	buf_init(&name, CTI_NAME_MAX);
	channel_user(&name, l->cti->settings->prefix, str_from(l->claims.domain),
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
	c->cti->counters.logins_pending++;
	l->cti = c->cti;
	l->client = c;
	l->arena = arena_new(LOGIN_ARENA);
	list_init(&l->waiting);
	deadline_init(&l->timer);
	c->login = l;
	if (!read_arguments(args, l->arena, &a) || !token_opens(l, &a)) {
		login_refuse(l);
	} else if (is_another_user(l)) {
		decline_login(l);
	} else {
		login_look_up(l);
	}
}

void login_complete(struct cti_login *l)
{
	struct cti_client *c = l->client;

	login_free(l);
	client_go_live(c);
}

/* A user's clients beyond the limit push out the oldest. Redis counts those of other relays too,
 * but does not know which of the same second came first. */
static void make_room(struct cti_client *newest)
{
	struct cti_channel *ch = newest->self.channel;
	size_t n = channel_member_count(ch);

	LIST_FOR_EACH(m, &ch->members, struct cti_member, link) {
		if (n <= newest->cti->settings->user_sockets_max)
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
		expires_at * CLOCK_SECOND_US <= cti_wall_us(c->cti) ||
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

bool login_take_answer(struct cti_login *l)
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
	struct cti *cti = l->cti;

	deadline_set(&l->timer, &cti->retries,
		cti->ports->now_ms(cti->ports->arg) + cti->settings->retry_ms);
}

void login_wait_for_redis(struct cti_login *l)
{
	l->claimed = false;
	if (pipeline_is_up(l->cti->commands)) {
		ask_later(l);
		return;
	}
	list_remove(&l->waiting);
	list_add_tail(&l->cti->waiting, &l->waiting);
}

static void on_api_answer(void *arg, enum session_answer answer, struct str body)
{
	struct cti_login *l = arg;
	struct lookup_result f;

	if (!login_take_answer(l))
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
	const struct cti_ports *ports = l->cti->ports;

	l->asked = true;
	ports->ask(ports->arg, l->authorization, str_from(l->claims.domain), on_api_answer, l);
}

static void on_mirror(void *arg, const struct redis_reply *reply)
{
	struct cti_login *l = arg;
	struct lookup_result f;

	if (!login_take_answer(l))
		return;
	if (!reply) {
		login_wait_for_redis(l);
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
	buf_init(&key, CTI_NAME_MAX);
	channel_token(&key, l->cti->settings->prefix, str_from(l->claims.domain),
		str_from(l->claims.jti));
	l->asked = true;
	l->confirmed = client_is_confirmed(l->client);
	if (key.overflow) {
		l->asked = false;
		login_refuse(l);
	} else if (pipeline_send(l->cti->commands, REDIS_COMMAND(SESSION_COPY_READ(buf_str(&key))),
			   on_mirror, l) != ERR_OK) {
		l->asked = false;
		login_wait_for_redis(l);
	}
	buf_finish(&key);
}

/* What is known from before the subscription may have been revoked until it was confirmed, so it is
 * looked up once more. */
void login_continue(struct cti_login *l)
{
	if (l->asked || l->claimed || !list_is_empty(&l->waiting) || deadline_is_set(&l->timer) ||
		!client_is_confirmed(l->client))
		return;
	if (l->confirmed)
		takeover_claim(l);
	else
		login_look_up(l);
}

void login_look_again(struct cti_login *l)
{
	l->confirmed = false;
	login_continue(l);
}

void login_rebind(struct cti_login *l, const char *jti)
{
	l->claims.jti = arena_strdup(l->arena, jti);
}

void login_resume_all(struct cti *cti)
{
	struct list all;

	list_init(&all);
	while (!list_is_empty(&cti->waiting)) {
		struct list *first = cti->waiting.next;

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
