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

static struct cti_client *client_of(const struct sio *s)
{
	return s->data;
}

static void on_connect(struct sio *s, unsigned nsp, struct str auth)
{
	(void)nsp;
	(void)auth;
	client_new(s->kind->arg, s);
}

static void on_login(struct sio *s, const struct sio_packet *p)
{
	login_begin(client_of(s), p->args);
}

static void on_ping(struct sio *s, const struct sio_packet *p)
{
	sio_ack(s, 0, p->id, STR(""));
}

static void on_takeover_ack(struct sio *s, const struct sio_packet *p)
{
	(void)p;
	takeover_on_ack(client_of(s));
}

static void on_message(struct sio *s, const struct sio_packet *p)
{
	user_message_send(client_of(s), p->args);
}

static void on_start_transcription(struct sio *s, const struct sio_packet *p)
{
	transcription_start(client_of(s), p->args);
}

static void on_stop_transcription(struct sio *s, const struct sio_packet *p)
{
	transcription_stop(client_of(s), p->args);
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
	struct cti_client *session = client_of(s);
	struct cti *cti = s->kind->arg;

	(void)nsp;
	cti->counters.client_events++;
	if (!session)
		return;
	if (!pace_take(&session->events, &events_limit, cti_now(cti))) {
		cti->counters.client_events_dropped++;
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
	if (!client_of(s))
		return;
	client_free(client_of(s));
	sio_settled(s, false);
}

static void on_gone(struct sio *s)
{
	if (client_of(s))
		client_free(client_of(s));
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
	struct cti *cti = arg;

	cti->ports->watch(cti->ports->arg, cti->commands, fd, output);
}

static void watch_subscriber(void *arg, int fd, bool output)
{
	struct cti *cti = arg;

	cti->ports->watch(cti->ports->arg, subscriber_pipeline(cti->subscriber), fd, output);
}

/* Events come over the second connection, which must be to the same server: what the first one asks
 * there is compared with them. */
static void on_commands_up(void *arg)
{
	struct cti *cti = arg;

	cti->counters.redis_up = 1;
	pipeline_follow(subscriber_pipeline(cti->subscriber), cti->commands);
	login_resume_all(cti);
	catch_up_ask_again(cti);
}

static void on_commands_down(void *arg)
{
	struct cti *cti = arg;

	cti->counters.redis_up = 0;
	cti->counters.redis_losses++;
	pipeline_stop(subscriber_pipeline(cti->subscriber));
}

static void on_subscriber_down(void *arg)
{
	(void)arg;
}

static void add_queues(struct cti *cti)
{
	const struct {
		struct deadline_queue *queue;
		deadline_fn *fn;
	} own[] = {
		{ &cti->lingers, channel_on_linger },
		{ &cti->expiries, client_on_expiry },
		{ &cti->retries, login_on_retry },
		{ &cti->waits, takeover_on_wait },
		{ &cti->delayed, send_on_time },
		{ &cti->gaps, gap_on_due },
		{ &cti->ticks, round_on_tick },
		{ &cti->beats, round_on_beat },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		deadline_queue_init(own[i].queue, own[i].fn);
		cti->ports->add_queue(cti->ports->arg, own[i].queue);
	}
	cti->ports->add_queue(cti->ports->arg, pipeline_deadlines(cti->commands));
	cti->ports->add_queue(
		cti->ports->arg, pipeline_deadlines(subscriber_pipeline(cti->subscriber)));
}

/* This relay's channel and that of all relays: listened to as long as it lives. */
static void join_own_channels(struct cti *cti)
{
	struct buf name;

	buf_init(&name, CTI_NAME_MAX);
	channel_relay(&name, cti->settings->prefix, str_from(cti->settings->relay));
	cti->node = channel_get(cti, buf_str(&name));
	buf_clear(&name);
	channel_control(&name, cti->settings->prefix);
	cti->everybody = channel_get(cti, buf_str(&name));
	buf_finish(&name);
}

static void start_clocks(struct cti *cti)
{
	cti->ticked_ms = cti_now(cti);
	deadline_init(&cti->tick);
	deadline_init(&cti->beat);
	deadline_set(&cti->tick, &cti->ticks, cti->ticked_ms);
	deadline_set(&cti->beat, &cti->beats, cti->ticked_ms);
}

struct cti *cti_new(const struct cti_settings *settings, const struct cti_ports *ports,
	const struct redis_address *redis)
{
	struct cti *cti = mem_alloc(sizeof(*cti));

	cti->settings = settings;
	cti->ports = ports;
	cti->arena = arena_new(4096);
	cti->authe_ok =
		sio_event_frame(STR("[\"authe_ok\",{\"message\":\"authorized successfully\"}]"));
	list_init(&cti->waiting);
	list_init(&cti->round);
	list_init(&cti->leaving);
	list_init(&cti->catch_ups);
	list_init(&cti->unasked);
	cti->commands_owner = (struct pipeline_owner){ watch_commands, on_commands_up,
		on_commands_down, NULL, cti };
	cti->subscriber_owner = (struct subscriber_owner){ watch_subscriber, channel_on_confirmed,
		delivery_on_message, on_subscriber_down, cti };
	cti->commands = pipeline_new(redis, &cti->commands_owner);
	cti->subscriber = subscriber_new(redis, &cti->subscriber_owner);
	add_queues(cti);
	join_own_channels(cti);
	start_clocks(cti);
	pipeline_start(cti->commands);
	return cti;
}

bool cti_is_connected(const struct cti *cti)
{
	return pipeline_is_up(cti->commands) && cti->node->sub.confirmed &&
	       cti->everybody->sub.confirmed;
}

void cti_free(struct cti **owner)
{
	struct cti *cti = *owner;

	if (!cti)
		return;
	while (!list_is_empty(&cti->delayed.items))
		deadline_queue_run(&cti->delayed, DEADLINE_NEVER - 1);
	pipeline_free(&cti->commands);
	while (!list_is_empty(&cti->gaps.items))
		deadline_queue_run(&cti->gaps, DEADLINE_NEVER - 1);
	while (!list_is_empty(&cti->lingers.items))
		deadline_queue_run(&cti->lingers, DEADLINE_NEVER - 1);
	catch_up_free_all(cti);
	channel_free(cti->node);
	channel_free(cti->everybody);
	subscriber_free(&cti->subscriber);
	frame_unref(&cti->authe_ok);
	free(cti->slots);
	arena_free(&cti->arena);
	free(cti);
	*owner = NULL;
}

void cti_count(const struct cti *cti, struct cti_counters *ret)
{
	*ret = cti->counters;
}

void cti_drain(struct cti *cti, int64_t rate)
{
	LIST_FOR_EACH(c, &cti->round, struct cti_client, round)
		leaving_add(c, rate, SIO_END_RESTART);
}

void cti_clients(struct cti *cti, const char *user,
	void (*fn)(void *arg, const struct cti_client_info *client), void *arg)
{
	LIST_FOR_EACH(c, &cti->round, struct cti_client, round) {
		struct str domain = client_domain(c);
		struct arena *arena = arena_new(512);
		const struct cti_client_info client = {
			.sid = c->sio->id,
			.user = client_user(c, arena),
			.domain = arena_strndup(arena, domain.p, domain.n),
			.ua = ua_name(c->ua),
			.since = c->since,
		};

		if (!user || strcmp(user, client.user) == 0)
			fn(arg, &client);
		arena_free(&arena);
	}
}

bool cti_kick(struct cti *cti, const char *sid, bool for_good)
{
	struct cti_client *c = directory_find(cti, sid);

	if (!c)
		return false;
	cti->counters.kicks++;
	if (for_good)
		client_send_away(c);
	else
		client_close(c, SIO_END_RETRY);
	return true;
}
