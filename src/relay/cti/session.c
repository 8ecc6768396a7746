#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "cti_priv.h"

static const struct pace_limit mistakes_limit = { 6 * CLOCK_SECOND_US, 10 };

const char *ua_name(uint8_t ua)
{
	static const char *const names[] = {
		[CTI_UA_NONE] = "", [CTI_UA_MOBILE] = "mobile", [CTI_UA_DESKTOP] = "desktop"
	};

	return names[ua];
}

struct str session_domain(const struct cti_session *s)
{
	return channel_domain(s->self.channel);
}

bool session_is_meant(const struct cti_session *s, const struct message *m)
{
	return (!m->ua_type || strcmp(ua_name(s->ua), m->ua_type) == 0) &&
	       (!m->jtis.n || message_list_has(&m->jtis, s->jti)) &&
	       (!m->sids.n || message_list_has(&m->sids, s->sio->id));
}

const char *session_user(const struct cti_session *s, struct arena *arena)
{
	struct str domain, suffix = STR("");
	const char *user;

	if (!channel_split(
		    str_from(s->self.channel->name), s->cti->settings->prefix, &domain, &suffix))
		return "";
	user = channel_suffix_user(suffix, arena);
	return user ? user : "";
}

struct cti_session *session_new(struct cti *c, struct sio *sio)
{
	struct cti_session *s = mem_alloc(sizeof(*s));

	s->cti = c;
	s->sio = sio;
	sio->data = s;
	s->since = (uint32_t)(cti_wall_us(c) / CLOCK_SECOND_US);
	deadline_init(&s->expiry);
	list_init(&s->round);
	list_init(&s->leaving);
	directory_add(c, s);
	c->counters.sessions++;
	return s;
}

/* Whatever being logged in means, undone once. */
static void retire(struct cti_session *s)
{
	struct cti_counters *counters = &s->cti->counters;

	if (s->login)
		login_abandon(s->login);
	deadline_clear(&s->expiry);
	list_remove(&s->round);
	if (!list_is_empty(&s->leaving))
		counters->sessions_leaving--;
	list_remove(&s->leaving);
	if (s->live)
		roster_leave(s);
	if (s->self.channel && (s->ua || s->live))
		takeover_leave(s);
	counters->sessions_live -= s->live;
	s->live = false;
}

static void leave_rooms(struct cti_member *rooms, size_t n)
{
	for (size_t i = 0; i < n; i++)
		channel_leave(&rooms[i]);
	free(rooms);
}

void session_free(struct cti_session *s)
{
	retire(s);
	transcription_free(s);
	leave_rooms(s->rooms, s->room_count);
	if (s->self.channel)
		channel_leave(&s->self);
	directory_remove(s->cti, s);
	s->cti->counters.sessions--;
	s->sio->data = NULL;
	free(s->successor);
	free(s->jti);
	free(s);
}

struct names {
	struct buf text[CTI_ROOMS_MAX];
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
		ok = names->n < CTI_ROOMS_MAX;
		if (ok) {
			names->text[names->n++] = name;
			return true;
		}
	}
	buf_finish(&name);
	return ok;
}

static bool list_rooms(struct names *names, const struct cti_session *s, struct str rooms)
{
	bool ok = true;

	while (ok && rooms.p) {
		struct str room = str_split(&rooms, ' ');

		if (room.n)
			ok = add_room(names, s->cti->settings->prefix, session_domain(s), room);
	}
	return ok;
}

enum err session_enter(struct cti_session *s, struct str domain, struct str user)
{
	struct buf name;
	bool ok;

	buf_init(&name, CTI_NAME_MAX);
	channel_user(&name, s->cti->settings->prefix, domain, user);
	ok = !name.overflow;
	if (ok)
		channel_join(channel_get(s->cti, buf_str(&name)), &s->self, s);
	buf_finish(&name);
	return ok ? ERR_OK : ERR_LIMIT;
}

/* Whether one is caught up with the channel, as a member of these rooms. */
static bool is_caught_up(
	const struct cti_member *rooms, size_t n, unsigned fresh, const struct cti_channel *ch)
{
	for (size_t i = 0; i < n; i++)
		if (rooms[i].channel == ch)
			return !(fresh & 1U << i);
	return false;
}

/* The new ones are joined before the old ones are left: a channel in both stays subscribed. */
static void join_rooms(struct cti_session *s, const struct names *names)
{
	struct cti_member *old = s->rooms;
	size_t n = s->room_count;
	unsigned fresh = s->fresh;

	s->rooms = names->n ? mem_alloc(names->n * sizeof(*s->rooms)) : NULL;
	s->room_count = (uint8_t)names->n;
	s->fresh = 0;
	for (size_t i = 0; i < names->n; i++) {
		struct cti_channel *ch = channel_get(s->cti, buf_str(&names->text[i]));

		channel_join(ch, &s->rooms[i], s);
		if (!is_caught_up(old, n, fresh, ch))
			s->fresh |= (uint16_t)(1U << i);
	}
	leave_rooms(old, n);
}

enum err session_permit(struct cti_session *s, const struct cti_permissions *p)
{
	struct names names = { 0 };
	bool ok = list_rooms(&names, s, p->rooms);

	if (ok) {
		join_rooms(s, &names);
		s->capabilities = p->capabilities;
		if (p->version)
			s->version = p->version;
		transcription_permit(s, p->ext);
		if (s->live)
			catch_up_begin(s);
	}
	for (size_t i = 0; i < names.n; i++)
		buf_finish(&names.text[i]);
	return ok ? ERR_OK : ERR_LIMIT;
}

enum err session_learn(struct cti_session *s, const struct cti_permissions *p)
{
	return p->version > s->version ? session_permit(s, p) : ERR_OK;
}

bool session_may(const struct cti_session *s, enum relay_capability capability)
{
	return s->capabilities & 1U << capability;
}

bool session_is_confirmed(const struct cti_session *s)
{
	for (size_t i = 0; i < s->room_count; i++)
		if (!s->rooms[i].channel->sub.confirmed)
			return false;
	return s->self.channel && s->self.channel->sub.confirmed;
}

void session_time_expiry(struct cti_session *s)
{
	struct cti *c = s->cti;
	int64_t left = s->expires_at * 1000 - cti_wall_us(c) / 1000;

	if (left > 2 * (int64_t)c->settings->check_ms)
		deadline_clear(&s->expiry);
	else
		deadline_set(&s->expiry, &c->expiries, cti_now(c) + (left > 0 ? left : 0));
}

void session_bind(struct cti_session *s, const char *jti, int64_t expires_at)
{
	char *copy = mem_strndup(jti, strlen(jti));

	free(s->jti);
	s->jti = copy;
	s->expires_at = expires_at;
	session_time_expiry(s);
}

void session_on_expiry(struct deadline *d, int64_t now_ms)
{
	struct cti_session *s = LIST_ENTRY(d, struct cti_session, expiry);

	(void)now_ms;
	if (s->expires_at * CLOCK_SECOND_US > cti_wall_us(s->cti)) {
		session_time_expiry(s);
		return;
	}
	s->cti->counters.expirations++;
	session_refuse(s);
}

void session_go_live(struct cti_session *s)
{
	struct cti *c = s->cti;
	bool first = !s->live;

	s->live = true;
	c->counters.logins++;
	roster_enter(s);
	sio_settled(s->sio, true);
	sio_emit_frame(s->sio, c->authe_ok);
	if (!first) {
		takeover_refresh(s);
		return;
	}
	c->counters.sessions_live++;
	list_add_tail(&c->round, &s->round);
	catch_up_begin(s);
}

void session_refuse(struct cti_session *s)
{
	retire(s);
	s->cti->counters.refusals++;
	sio_emit(s->sio, 0, "401", STR("{\"message\":\"unauthorized access\"}"));
	sio_leave(s->sio, 0);
	sio_end(s->sio, SIO_END_LEFT);
}

void session_send_away(struct cti_session *s)
{
	retire(s);
	sio_leave(s->sio, 0);
	sio_end(s->sio, SIO_END_LEFT);
}

void session_close(struct cti_session *s, enum sio_end how)
{
	retire(s);
	sio_end(s->sio, how);
}

void session_bad_request(struct cti_session *s)
{
	struct cti *c = s->cti;

	if (!s->live)
		return;
	c->counters.bad_requests++;
	if (pace_take(&s->mistakes, &mistakes_limit, cti_now(c)))
		sio_emit(s->sio, 0, "bad_request", STR(""));
	else
		session_close(s, SIO_END_RETRY);
}
