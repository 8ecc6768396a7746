#include "relay/cti/cti.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "cti_priv.h"

const struct cti_settings cti_usual = {
	.linger_ms = 15000,
	.check_ms = 30000,
	.retry_ms = 1000,
	.evict_ms = 2000,
	.resync_ms = 10000,
	.beat_ms = 5000,
	.user_sockets_max = 20,
};

static const struct pace_limit events_limit = { CLOCK_SECOND_US / 30, 60 };

static struct cti_session *session_of(const struct sio *s)
{
	return s->data;
}

static void on_connect(struct sio *s, unsigned nsp, struct str auth)
{
	(void)nsp;
	(void)auth;
	session_new(s->kind->arg, s);
}

static void on_login(struct sio *s, const struct sio_packet *p)
{
	login_begin(session_of(s), p->args);
}

static void on_ping(struct sio *s, const struct sio_packet *p)
{
	sio_ack(s, 0, p->id, STR(""));
}

static void on_takeover_ack(struct sio *s, const struct sio_packet *p)
{
	(void)p;
	takeover_on_ack(session_of(s));
}

static void on_message(struct sio *s, const struct sio_packet *p)
{
	user_message_send(session_of(s), p->args);
}

static void on_start_transcription(struct sio *s, const struct sio_packet *p)
{
	transcription_start(session_of(s), p->args);
}

static void on_stop_transcription(struct sio *s, const struct sio_packet *p)
{
	transcription_stop(session_of(s), p->args);
}

/* Unknown events are passed over. */
static const struct {
	const char *name; /* with its quotes */
	void (*fn)(struct sio *s, const struct sio_packet *p);
} events[] = {
	{ "\"login\"", on_login },
	{ "\"ping\"", on_ping },
	{ "\"takeOverAck\"", on_takeover_ack },
	{ "\"message\"", on_message },
	{ "\"start_transcription\"", on_start_transcription },
	{ "\"stop_transcription\"", on_stop_transcription },
};

static void on_event(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	struct cti_session *session = session_of(s);
	struct cti *c = s->kind->arg;

	(void)nsp;
	c->counters.client_events++;
	if (!session)
		return;
	if (!pace_take(&session->events, &events_limit, cti_now(c))) {
		c->counters.client_events_dropped++;
		return;
	}
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (str_is(p->name, events[i].name))
			events[i].fn(s, p);
}

static void on_ack(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	(void)s;
	(void)nsp;
	(void)p;
}

static void on_leave(struct sio *s, unsigned nsp)
{
	(void)nsp;
	if (!session_of(s))
		return;
	session_free(session_of(s));
	sio_settled(s, false);
}

static void on_gone(struct sio *s)
{
	if (session_of(s))
		session_free(session_of(s));
}

static const char *const namespaces[] = { "/", NULL };

const struct sio_app cti_app = {
	.namespaces = namespaces,
	.events_connect = true,
	.on_connect = on_connect,
	.on_event = on_event,
	.on_ack = on_ack,
	.on_leave = on_leave,
	.on_gone = on_gone,
};

static void watch_commands(void *arg, int fd, bool output)
{
	struct cti *c = arg;

	c->ports->watch(c->ports->arg, c->commands, fd, output);
}

static void watch_subscriber(void *arg, int fd, bool output)
{
	struct cti *c = arg;

	c->ports->watch(c->ports->arg, subscriber_pipeline(c->subscriber), fd, output);
}

/* Events come over the second connection, which must be to the same server: what the first one asks
 * there is compared with them. */
static void on_commands_up(void *arg)
{
	struct cti *c = arg;

	c->counters.redis_up = 1;
	pipeline_follow(subscriber_pipeline(c->subscriber), c->commands);
	login_resume_all(c);
	catch_up_ask_again(c);
}

static void on_commands_down(void *arg)
{
	struct cti *c = arg;

	c->counters.redis_up = 0;
	c->counters.redis_losses++;
	pipeline_stop(subscriber_pipeline(c->subscriber));
}

static void on_subscriber_down(void *arg)
{
	(void)arg;
}

static void add_queues(struct cti *c)
{
	const struct {
		struct deadline_queue *queue;
		deadline_fn *fn;
	} own[] = {
		{ &c->lingers, channel_on_linger },
		{ &c->expiries, session_on_expiry },
		{ &c->retries, login_on_retry },
		{ &c->waits, takeover_on_wait },
		{ &c->posts, post_on_time },
		{ &c->gaps, gap_on_due },
		{ &c->ticks, tick_on_time },
		{ &c->beats, tick_on_beat },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		deadline_queue_init(own[i].queue, own[i].fn);
		c->ports->add_queue(c->ports->arg, own[i].queue);
	}
	c->ports->add_queue(c->ports->arg, pipeline_deadlines(c->commands));
	c->ports->add_queue(c->ports->arg, pipeline_deadlines(subscriber_pipeline(c->subscriber)));
}

/* This relay's channel and that of all relays: listened to as long as it lives. */
static void join_own_channels(struct cti *c)
{
	struct buf name;

	buf_init(&name, CTI_NAME_MAX);
	channel_relay(&name, c->settings->prefix, str_from(c->settings->relay));
	c->node = channel_get(c, buf_str(&name));
	buf_clear(&name);
	channel_control(&name, c->settings->prefix);
	c->everybody = channel_get(c, buf_str(&name));
	buf_finish(&name);
}

static void start_clocks(struct cti *c)
{
	c->ticked_ms = cti_now(c);
	deadline_init(&c->tick);
	deadline_init(&c->beat);
	deadline_set(&c->tick, &c->ticks, c->ticked_ms);
	deadline_set(&c->beat, &c->beats, c->ticked_ms);
}

struct cti *cti_new(const struct cti_settings *settings, const struct cti_ports *ports,
	const struct redis_address *redis)
{
	struct cti *c = mem_alloc(sizeof(*c));

	c->settings = settings;
	c->ports = ports;
	c->arena = arena_new(4096);
	c->authe_ok =
		sio_event_frame(STR("[\"authe_ok\",{\"message\":\"authorized successfully\"}]"));
	list_init(&c->waiting);
	list_init(&c->round);
	list_init(&c->leaving);
	list_init(&c->catch_ups);
	list_init(&c->unasked);
	c->commands_owner = (struct pipeline_owner){ watch_commands, on_commands_up,
		on_commands_down, NULL, c };
	c->subscriber_owner = (struct subscriber_owner){ watch_subscriber, channel_on_confirmed,
		delivery_on_message, on_subscriber_down, c };
	c->commands = pipeline_new(redis, &c->commands_owner);
	c->subscriber = subscriber_new(redis, &c->subscriber_owner);
	add_queues(c);
	join_own_channels(c);
	start_clocks(c);
	pipeline_start(c->commands);
	return c;
}

bool cti_is_connected(const struct cti *c)
{
	return pipeline_is_up(c->commands) && c->node->sub.confirmed && c->everybody->sub.confirmed;
}

void cti_free(struct cti **cti)
{
	struct cti *c = *cti;

	if (!c)
		return;
	while (!list_is_empty(&c->posts.items))
		deadline_queue_run(&c->posts, DEADLINE_NEVER - 1);
	pipeline_free(&c->commands);
	while (!list_is_empty(&c->gaps.items))
		deadline_queue_run(&c->gaps, DEADLINE_NEVER - 1);
	while (!list_is_empty(&c->lingers.items))
		deadline_queue_run(&c->lingers, DEADLINE_NEVER - 1);
	catch_up_free_all(c);
	channel_free(c->node);
	channel_free(c->everybody);
	subscriber_free(&c->subscriber);
	frame_unref(&c->authe_ok);
	free(c->slots);
	arena_free(&c->arena);
	free(c);
	*cti = NULL;
}

void cti_count(const struct cti *c, struct cti_counters *ret)
{
	*ret = c->counters;
}

void cti_drain(struct cti *c, int64_t rate)
{
	LIST_FOR_EACH(s, &c->round, struct cti_session, round)
		tick_leave(s, rate, SIO_END_RESTART);
}

void cti_clients(struct cti *c, const char *user,
	void (*fn)(void *arg, const struct cti_client *client), void *arg)
{
	LIST_FOR_EACH(s, &c->round, struct cti_session, round) {
		struct str domain = session_domain(s);
		struct arena *arena = arena_new(512);
		const struct cti_client client = {
			.sid = s->sio->id,
			.user = session_user(s, arena),
			.domain = arena_strndup(arena, domain.p, domain.n),
			.ua = ua_name(s->ua),
			.since = s->since,
		};

		if (!user || strcmp(user, client.user) == 0)
			fn(arg, &client);
		arena_free(&arena);
	}
}

bool cti_kick(struct cti *c, const char *sid, bool for_good)
{
	struct cti_session *s = directory_find(c, sid);

	if (!s)
		return false;
	c->counters.kicks++;
	if (for_good)
		session_send_away(s);
	else
		session_close(s, SIO_END_RETRY);
	return true;
}
