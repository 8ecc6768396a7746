#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bus/channel.h"
#include "cti_priv.h"
#include "relay/sio/json_slice.h"

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

static size_t count_members(struct str object)
{
	struct str rest = object, value;
	size_t n = 0;

	while (json_slice_next(&rest, NULL, &value))
		n++;
	return n;
}

static bool read_text(
	struct str object, const char *member, struct arena *arena, size_t max, struct str *ret)
{
	struct str value;
	size_t cap;
	char *text;

	if (!json_slice_member(object, member, &value))
		return false;
	/* Unescaping makes nothing longer. */
	cap = (value.n < max ? value.n : max) + 1;
	text = arena_alloc(arena, cap);
	ret->p = text;
	return json_slice_text(value, text, cap, &ret->n);
}

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

/* args: the event's arguments, of which the first counts. */
static bool read_arguments(struct str args, struct arena *arena, struct arguments *ret)
{
	struct buf array;
	struct str rest, object, name;
	bool ok;

	buf_init(&array, args.n + 2);
	buf_add_char(&array, '[');
	buf_add(&array, args.p, args.n);
	buf_add_char(&array, ']');
	rest = buf_str(&array);
	ok = json_slice_next(&rest, NULL, &object) && json_slice_kind(object) == JSON_OBJECT &&
	     count_members(object) <= LOGIN_MEMBERS_MAX &&
	     read_text(object, "accessKeyId", arena, LOGIN_NAME_MAX - 1, &name) &&
	     read_text(object, "token", arena, SESSION_TOKEN_MAX, &ret->token) &&
	     read_ua(object, &ret->ua);
	if (ok) {
		ret->name = arena_strndup(arena, name.p, name.n);
		str_lower(ret->name);
	}
	buf_wipe(&array);
	buf_finish(&array);
	return ok;
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

static bool token_opens(struct cti_login *l, const struct arguments *args)
{
	int64_t now_s = clock_wall_us() / CLOCK_SECOND_US;

	l->token = args->token;
	l->ua = args->ua;
	return session_token_verify(
		       l->cti->settings->keys, l->token, now_s, l->arena, &l->claims) == ERR_OK &&
	       !(l->claims.two_factor && !l->claims.otp_verified) &&
	       strlen(l->claims.jti) <= CTI_JTI_MAX && name_fits(args->name, &l->claims, l->arena);
}

static void login_free(struct cti_login *l)
{
	if (l->session)
		l->session->login = NULL;
	list_remove(&l->waiting);
	deadline_clear(&l->retry);
	arena_free(&l->arena);
	free(l);
}

static void refuse(struct cti_login *l)
{
	struct cti_session *s = l->session;

	login_free(l);
	session_refuse(s);
}

void login_abandon(struct cti_login *l)
{
	l->session->login = NULL;
	l->session = NULL;
	list_remove(&l->waiting);
	deadline_clear(&l->retry);
	if (!l->asked)
		login_free(l);
}

/* Whether the session is the one logged in already: a second login may renew its token, no more. */
static bool is_another_user(const struct cti_login *l)
{
	struct buf name;
	bool same;

	if (!l->session->live)
		return false;
	buf_init(&name, CTI_NAME_MAX);
	channel_user(&name, l->cti->settings->prefix, str_from(l->claims.domain),
		str_from(l->claims.id));
	same = str_is(buf_str(&name), l->session->members[0].channel->name);
	buf_finish(&name);
	return !same;
}

void login_begin(struct cti_session *s, struct str args)
{
	struct cti_login *l;
	struct arguments a = { 0 };

	if (s->login)
		return;
	l = mem_alloc(sizeof(*l));
	l->cti = s->cti;
	l->session = s;
	l->arena = arena_new(LOGIN_ARENA);
	list_init(&l->waiting);
	deadline_init(&l->retry);
	s->login = l;
	if (!read_arguments(args, l->arena, &a) || !token_opens(l, &a)) {
		refuse(l);
	} else if (is_another_user(l)) {
		login_free(l);
		sio_emit(s->sio, 0, "bad_request", STR(""));
	} else {
		login_look_up(l);
	}
}

void login_continue(struct cti_login *l)
{
	struct cti_session *s = l->session;

	if (l->asked || !session_is_confirmed(s))
		return;
	login_free(l);
	session_go_live(s);
}

/* What a source says about the session: Redis or the API. */
struct finding {
	struct str user, rooms;
	bool otp_verified;
	int64_t expires_at;
};

static void accept_finding(struct cti_login *l, const struct finding *f)
{
	struct cti_session *s = l->session;
	int64_t expires_at = l->claims.expires_at;
	struct str rooms = f->rooms.n ? f->rooms : STR("all");

	if (f->expires_at < expires_at)
		expires_at = f->expires_at;
	if (!str_is(f->user, l->claims.id) || (l->claims.two_factor && !f->otp_verified) ||
		expires_at * CLOCK_SECOND_US <= clock_wall_us()) {
		refuse(l);
		return;
	}
	session_bind(s, l->claims.jti, expires_at);
	s->ua = (uint8_t)l->ua;
	if (s->member_count == 0 && session_join(s, str_from(l->claims.domain),
					    str_from(l->claims.id), rooms) != ERR_OK)
		refuse(l);
	else
		login_continue(l);
}

/* An answer has come. False: there is nobody to tell. */
static bool take_answer(struct cti_login *l)
{
	l->asked = false;
	if (l->session)
		return true;
	login_free(l);
	return false;
}

static void wait_for_redis(struct cti_login *l)
{
	list_add_tail(&l->cti->waiting, &l->waiting);
}

/* The rooms of the API's answer as Redis has them: separated by blanks. */
static struct str read_rooms(struct str object, struct arena *arena)
{
	struct str rest, value;
	char *text = arena_strdup(arena, "");
	char room[LOGIN_NAME_MAX];
	size_t n;

	if (!json_slice_member(object, "rooms", &rest) || json_slice_kind(rest) != JSON_ARRAY)
		return STR("");
	while (json_slice_next(&rest, NULL, &value))
		if (json_slice_text(value, room, sizeof(room), &n))
			text = arena_printf(arena, "%s %s", text, room);
	return str_from(text);
}

static bool read_finding(struct str body, struct cti_login *l, struct finding *ret)
{
	struct str value, jti;
	uint64_t exp = 0;

	if (!json_slice_is_valid(body = str_trim(body)) || json_slice_kind(body) != JSON_OBJECT ||
		!read_text(body, "username", l->arena, LOGIN_NAME_MAX, &ret->user) ||
		!read_text(body, "jti", l->arena, CTI_JTI_MAX, &jti) || !str_is(jti, l->claims.jti))
		return false;
	if (!json_slice_member(body, "exp", &value) || !json_slice_uint(value, INT64_MAX / 2, &exp))
		return false;
	ret->expires_at = (int64_t)exp;
	ret->otp_verified = json_slice_member(body, "otp_verified", &value) &&
			    json_slice_kind(value) == JSON_TRUE;
	ret->rooms = read_rooms(body, l->arena);
	return true;
}

static void ask_later(struct cti_login *l)
{
	struct cti *c = l->cti;

	deadline_set(
		&l->retry, &c->retries, c->ports->now_ms(c->ports->arg) + c->settings->retry_ms);
}

static void on_api_answer(void *arg, enum session_answer answer, struct str body)
{
	struct cti_login *l = arg;
	struct finding f = { 0 };

	if (!take_answer(l))
		return;
	if (answer == SESSION_REFUSED)
		refuse(l);
	else if (answer == SESSION_ALIVE && read_finding(body, l, &f))
		accept_finding(l, &f);
	else
		ask_later(l);
}

static void ask_api(struct cti_login *l)
{
	const struct cti_ports *ports = l->cti->ports;

	l->asked = true;
	ports->ask(ports->arg, l->token, str_from(l->claims.domain), on_api_answer, l);
}

static void on_mirror(void *arg, const struct redis_reply *reply)
{
	struct cti_login *l = arg;
	struct session_copy copy;
	struct finding f;

	if (!take_answer(l))
		return;
	if (!reply) {
		wait_for_redis(l);
	} else if (session_mirror_parse(reply, &copy) != ERR_OK) {
		ask_api(l);
	} else {
		f = (struct finding){ str_from(copy.user), str_from(copy.rooms), copy.otp_verified,
			copy.expires_at };
		accept_finding(l, &f);
	}
}

static void login_look_up(struct cti_login *l)
{
	struct buf key;

	buf_init(&key, CTI_NAME_MAX);
	channel_token(&key, l->cti->settings->prefix, str_from(l->claims.domain),
		str_from(l->claims.jti));
	l->asked = true;
	if (key.overflow) {
		l->asked = false;
		refuse(l);
	} else if (pipeline_send(l->cti->commands,
			   REDIS_COMMAND(SESSION_MIRROR_READ(buf_str(&key))), on_mirror,
			   l) != ERR_OK) {
		l->asked = false;
		wait_for_redis(l);
	}
	buf_finish(&key);
}

void login_resume_all(struct cti *c)
{
	struct list all;

	list_init(&all);
	while (!list_is_empty(&c->waiting)) {
		struct list *first = c->waiting.next;

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
	login_look_up(LIST_ENTRY(d, struct cti_login, retry));
}
