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

struct str client_domain(const struct cti_client *c)
{
	return channel_domain(c->self.channel);
}

bool client_is_meant(const struct cti_client *c, const struct message *m)
{
	return (!m->ua_type || strcmp(ua_name(c->ua), m->ua_type) == 0) &&
	       (!m->jtis.n || message_list_has(&m->jtis, c->jti)) &&
	       (!m->sids.n || message_list_has(&m->sids, c->sio->id));
}

const char *client_user(const struct cti_client *c, struct arena *arena)
{
	struct str domain, suffix = STR("");
	const char *user;

	if (!channel_split(
		    str_from(c->self.channel->name), c->cti->settings->prefix, &domain, &suffix))
		return "";
	user = channel_suffix_user(suffix, arena);
	return user ? user : "";
}

struct cti_client *client_new(struct cti *cti, struct sio *sio)
{
	struct cti_client *s = mem_alloc(sizeof(*s));

	s->cti = cti;
	s->sio = sio;
	sio->data = s;
	s->since = (uint32_t)(cti_wall_us(cti) / CLOCK_SECOND_US);
	deadline_init(&s->expiry);
	list_init(&s->round);
	list_init(&s->leaving);
	directory_add(cti, s);
	cti->counters.sessions++;
	return s;
}

/* Whatever being logged in means, undone once. */
static void retire_client(struct cti_client *c)
{
	struct cti_counters *counters = &c->cti->counters;

	if (c->login)
		login_abandon(c->login);
	deadline_clear(&c->expiry);
	list_remove(&c->round);
	if (!list_is_empty(&c->leaving))
		counters->sessions_leaving--;
	list_remove(&c->leaving);
	if (c->live)
		liveness_leave(c);
	if (c->self.channel && (c->ua || c->live))
		takeover_leave(c);
	counters->sessions_live -= c->live;
	c->live = false;
}

void client_free(struct cti_client *c)
{
	retire_client(c);
	transcription_free(c);
	rooms_leave(c);
	if (c->self.channel)
		channel_leave(&c->self);
	directory_remove(c->cti, c);
	c->cti->counters.sessions--;
	c->sio->data = NULL;
	free(c->successor);
	free(c->jti);
	free(c);
}

enum err client_enter(struct cti_client *c, struct str domain, struct str user)
{
	struct buf name;
	bool ok;

	buf_init(&name, CTI_NAME_MAX);
	channel_user(&name, c->cti->settings->prefix, domain, user);
	ok = !name.overflow;
	if (ok)
		channel_join(channel_get(c->cti, buf_str(&name)), &c->self, c);
	buf_finish(&name);
	return ok ? ERR_OK : ERR_LIMIT;
}

bool client_may(const struct cti_client *c, enum relay_capability capability)
{
	return c->capabilities & 1U << capability;
}

bool client_is_confirmed(const struct cti_client *c)
{
	for (size_t i = 0; i < c->room_count; i++)
		if (!c->rooms[i].channel->sub.confirmed)
			return false;
	return c->self.channel && c->self.channel->sub.confirmed;
}

void client_time_expiry(struct cti_client *c)
{
	struct cti *cti = c->cti;
	int64_t left = c->expires_at * 1000 - cti_wall_us(cti) / 1000;

	if (left > 2 * (int64_t)cti->settings->check_ms)
		deadline_clear(&c->expiry);
	else
		deadline_set(&c->expiry, &cti->expiries, cti_now(cti) + (left > 0 ? left : 0));
}

void client_bind(struct cti_client *c, const char *jti, int64_t expires_at)
{
	char *copy = mem_strndup(jti, strlen(jti));

	free(c->jti);
	c->jti = copy;
	c->expires_at = expires_at;
	client_time_expiry(c);
}

void client_on_expiry(struct deadline *d, int64_t now_ms)
{
	struct cti_client *c = LIST_ENTRY(d, struct cti_client, expiry);

	(void)now_ms;
	if (c->expires_at * CLOCK_SECOND_US > cti_wall_us(c->cti)) {
		client_time_expiry(c);
		return;
	}
	c->cti->counters.expirations++;
	client_refuse(c);
}

void client_go_live(struct cti_client *c)
{
	struct cti *cti = c->cti;
	bool first = !c->live;

	c->live = true;
	cti->counters.logins++;
	liveness_enter(c);
	sio_settled(c->sio, true);
	sio_emit_frame(c->sio, cti->authe_ok);
	if (!first) {
		takeover_refresh(c);
		return;
	}
	cti->counters.sessions_live++;
	list_add_tail(&cti->round, &c->round);
	catch_up_begin(c);
}

void client_refuse(struct cti_client *c)
{
	retire_client(c);
	c->cti->counters.refusals++;
	sio_emit(c->sio, 0, "401", STR("{\"message\":\"unauthorized access\"}"));
	sio_leave(c->sio, 0);
	sio_end(c->sio, SIO_END_LEFT);
}

void client_send_away(struct cti_client *c)
{
	retire_client(c);
	sio_leave(c->sio, 0);
	sio_end(c->sio, SIO_END_LEFT);
}

void client_close(struct cti_client *c, enum sio_end how)
{
	retire_client(c);
	sio_end(c->sio, how);
}

void client_bad_request(struct cti_client *c)
{
	struct cti *cti = c->cti;

	if (!c->live)
		return;
	cti->counters.bad_requests++;
	if (pace_take(&c->mistakes, &mistakes_limit, cti_now(cti)))
		sio_emit(c->sio, 0, "bad_request", STR(""));
	else
		client_close(c, SIO_END_RETRY);
}
