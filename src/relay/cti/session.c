#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bus/channel.h"
#include "cti_priv.h"

struct cti_session *session_new(struct cti *c, struct sio *sio)
{
	struct cti_session *s = mem_alloc(sizeof(*s));

	s->cti = c;
	s->sio = sio;
	sio->data = s;
	deadline_init(&s->check);
	c->counters.sessions++;
	return s;
}

void session_free(struct cti_session *s)
{
	if (s->login)
		login_abandon(s->login);
	for (size_t i = 0; i < s->member_count; i++)
		channel_leave(&s->members[i]);
	deadline_clear(&s->check);
	s->cti->counters.sessions--;
	s->sio->data = NULL;
	free(s->members);
	free(s->jti);
	free(s);
}

struct names {
	struct buf text[CTI_MEMBERS_MAX];
	size_t n;
};

static bool name_is_known(const struct names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(buf_str(&names->text[i]), name))
			return true;
	return false;
}

/* A room named twice is joined once. False: too many rooms or too long a name. */
static bool add_room(struct names *names, const char *prefix, struct str domain, struct str room)
{
	struct buf name;
	bool ok;

	buf_init(&name, CTI_NAME_MAX);
	channel_room(&name, prefix, domain, room);
	ok = !name.overflow;
	if (ok && !name_is_known(names, buf_str(&name))) {
		ok = names->n < CTI_MEMBERS_MAX;
		if (ok) {
			names->text[names->n++] = name;
			return true;
		}
	}
	buf_finish(&name);
	return ok;
}

static bool list_names(struct names *names, const struct cti_session *s, struct str domain,
	struct str user, struct str rooms)
{
	const char *prefix = s->cti->settings->prefix;
	bool ok;

	buf_init(&names->text[0], CTI_NAME_MAX);
	channel_user(&names->text[0], prefix, domain, user);
	names->n = 1;
	ok = !names->text[0].overflow;
	while (ok && rooms.p) {
		struct str room = str_split(&rooms, ' ');

		if (room.n)
			ok = add_room(names, prefix, domain, room);
	}
	return ok;
}

enum err session_join(struct cti_session *s, struct str domain, struct str user, struct str rooms)
{
	struct names names = { 0 };
	bool ok = list_names(&names, s, domain, user, rooms);

	if (ok) {
		s->members = mem_alloc(names.n * sizeof(*s->members));
		s->member_count = (uint8_t)names.n;
		for (size_t i = 0; i < names.n; i++)
			channel_join(
				channel_get(s->cti, buf_str(&names.text[i])), &s->members[i], s);
	}
	for (size_t i = 0; i < names.n; i++)
		buf_finish(&names.text[i]);
	return ok ? ERR_OK : ERR_LIMIT;
}

bool session_is_confirmed(const struct cti_session *s)
{
	for (size_t i = 0; i < s->member_count; i++)
		if (!s->members[i].channel->sub.confirmed)
			return false;
	return s->member_count > 0;
}

/* A token lives for days, so its end is looked at now and then, and timed only when it is near: both
 * queues stay in order. */
static void set_check(struct cti_session *s)
{
	struct cti *c = s->cti;
	int64_t now = c->ports->now_ms(c->ports->arg);
	int64_t left = s->expires_at * 1000 - clock_wall_us() / 1000;

	if (left <= c->settings->check_ms)
		deadline_set(&s->check, &c->expiries, now + (left > 0 ? left : 0));
	else
		deadline_set(&s->check, &c->checks, now + c->settings->check_ms);
}

void session_bind(struct cti_session *s, const char *jti, int64_t expires_at)
{
	free(s->jti);
	s->jti = mem_strndup(jti, strlen(jti));
	s->expires_at = expires_at;
	set_check(s);
}

void session_go_live(struct cti_session *s)
{
	s->live = true;
	s->cti->counters.logins++;
	sio_settled(s->sio, true);
	sio_emit_frame(s->sio, s->cti->authe_ok);
}

void session_refuse(struct cti_session *s)
{
	s->live = false;
	s->cti->counters.refusals++;
	deadline_clear(&s->check);
	sio_emit(s->sio, 0, "401", STR("{\"message\":\"unauthorized access\"}"));
	sio_leave(s->sio, 0);
	sio_end(s->sio, SIO_END_LEFT);
}

void session_on_check(struct deadline *d, int64_t now_ms)
{
	struct cti_session *s = LIST_ENTRY(d, struct cti_session, check);

	(void)now_ms;
	if (s->expires_at * CLOCK_SECOND_US <= clock_wall_us())
		session_refuse(s);
	else
		set_check(s);
}
