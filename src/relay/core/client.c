#include "relay/core/client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "relay/core/channel.h"
#include "relay/core/directory.h"
#include "relay/core/rooms.h"

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
		    str_from(c->self.channel->name), c->core->settings->prefix, &domain, &suffix))
		return "";
	user = channel_suffix_user(suffix, arena);
	return user ? user : "";
}

struct cti_client *client_new(struct core *core, struct sio *sio)
{
	struct cti_client *c = mem_alloc(sizeof(*c));

	c->core = core;
	c->sio = sio;
	sio->data = c;
	c->since = (uint32_t)(core_wall_us(core) / CLOCK_SECOND_US);
	deadline_init(&c->expiry);
	list_init(&c->round);
	list_init(&c->leaving);
	directory_add(core, c);
	core->counters.sessions++;
	return c;
}

/* Undoes, once, all that being logged in means. */
static void retire_client(struct cti_client *c)
{
	struct core_counters *counters = &c->core->counters;

	CORE_TELL(c->core, retiring, c);
	deadline_clear(&c->expiry);
	list_remove(&c->round);
	if (!list_is_empty(&c->leaving))
		counters->sessions_leaving--;
	list_remove(&c->leaving);
	counters->sessions_live -= c->live;
	c->live = false;
}

void client_free(struct cti_client *c)
{
	struct core *core = c->core;

	retire_client(c);
	CORE_TELL(core, gone, c);
	rooms_leave(c);
	if (c->self.channel) {
		channel_leave(&c->self);
		channel_leave(&c->control);
	}
	directory_remove(core, c);
	core->counters.sessions--;
	c->sio->data = NULL;
	free(c->jti);
	free(c);
}

enum err client_enter(struct cti_client *c, struct str domain, struct str user)
{
	struct core *core = c->core;
	struct buf name, control;
	bool ok;

	buf_init(&name, CORE_NAME_MAX);
	buf_init(&control, CORE_NAME_MAX);
	channel_user(&name, core->settings->prefix, domain, user);
	channel_of_domain(&control, core->settings->prefix, domain, "ctl");
	ok = !name.overflow && !control.overflow;
	if (ok) {
		channel_join(channel_get(core, buf_str(&name)), &c->self, c);
		channel_join(channel_get(core, buf_str(&control)), &c->control, c);
	}
	buf_finish(&name);
	buf_finish(&control);
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
	return c->self.channel && c->self.channel->sub.confirmed &&
	       c->control.channel->sub.confirmed;
}

void client_time_expiry(struct cti_client *c)
{
	struct core *core = c->core;
	int64_t left = c->expires_at * 1000 - core_wall_us(core) / 1000;

	if (left > 2 * (int64_t)core->settings->check_ms)
		deadline_clear(&c->expiry);
	else
		deadline_set(&c->expiry, &core->expiries, core_now(core) + (left > 0 ? left : 0));
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
	if (c->expires_at * CLOCK_SECOND_US > core_wall_us(c->core)) {
		client_time_expiry(c);
		return;
	}
	c->core->counters.expirations++;
	client_refuse(c, CLOSE_EXPIRED);
}

void client_go_live(struct cti_client *c)
{
	struct core *core = c->core;
	bool first = !c->live;

	c->live = c->was_live = true;
	core->counters.logins++;
	if (first) {
		core->counters.sessions_live++;
		list_add_tail(&core->round, &c->round);
	}
	CORE_TELL(core, live, c, first);
}

void client_look(struct cti_client *c)
{
	client_time_expiry(c);
	CORE_TELL(c->core, look, c);
}

void client_refuse(struct cti_client *c, enum close_reason why)
{
	retire_client(c);
	c->core->counters.refusals++;
	sio_emit(c->sio, 0, "401", STR("{\"message\":\"unauthorized access\"}"));
	sio_leave(c->sio, 0);
	sio_end(c->sio, SIO_END_LEFT, why);
}

void client_note_crowd(struct core *core)
{
	uint64_t left_out;

	core->counters.crowded++;
	if (sample_take(&core->crowds, core_now(core), &left_out))
		log_fields(LOG_LEVEL_WARN, "refused",
			"reason=user_sockets status=0 setting=- address=- left_out=%" PRIu64,
			left_out);
}

void client_send_away(struct cti_client *c, enum close_reason why)
{
	retire_client(c);
	sio_leave(c->sio, 0);
	sio_end(c->sio, SIO_END_LEFT, why);
}

void client_close(struct cti_client *c, enum sio_end how, enum close_reason why)
{
	retire_client(c);
	sio_end(c->sio, how, why);
}

void client_bad_request(struct cti_client *c)
{
	struct core *core = c->core;

	if (!c->live)
		return;
	core->counters.bad_requests++;
	if (pace_take(&c->mistakes, &mistakes_limit, core_now(core)))
		sio_emit(c->sio, 0, "bad_request", STR(""));
	else
		client_close(c, SIO_END_RETRY, CLOSE_MISTAKES);
}
