#include "relay/cti/cti.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cti_priv.h"

static struct cti_session *session_of(const struct sio *s)
{
	return s->data;
}

static void on_connect(struct sio *s, unsigned nsp, struct str auth)
{
	(void)s;
	(void)nsp;
	(void)auth;
}

static void on_login(struct sio *s, const struct sio_packet *p)
{
	if (!s->data)
		session_new(s->kind->arg, s);
	login_begin(s->data, p->args);
}

static void on_ping(struct sio *s, const struct sio_packet *p)
{
	sio_ack(s, 0, p->id, STR(""));
}

/* Unknown events are passed over. */
static const struct {
	const char *name; /* with its quotes */
	void (*fn)(struct sio *s, const struct sio_packet *p);
} events[] = {
	{ "\"login\"", on_login },
	{ "\"ping\"", on_ping },
};

static void on_event(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	(void)nsp;
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

static void on_commands_up(void *arg)
{
	login_resume_all(arg);
}

static void on_down(void *arg)
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
		{ &c->checks, session_on_check },
		{ &c->expiries, session_on_check },
		{ &c->retries, login_on_retry },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		deadline_queue_init(own[i].queue, own[i].fn);
		c->ports->add_queue(c->ports->arg, own[i].queue);
	}
	c->ports->add_queue(c->ports->arg, pipeline_deadlines(c->commands));
	c->ports->add_queue(c->ports->arg, pipeline_deadlines(subscriber_pipeline(c->subscriber)));
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
	c->commands_owner =
		(struct pipeline_owner){ watch_commands, on_commands_up, on_down, NULL, c };
	c->subscriber_owner = (struct subscriber_owner){ watch_subscriber, channel_on_confirmed,
		delivery_on_message, on_down, c };
	c->commands = pipeline_new(redis, &c->commands_owner);
	c->subscriber = subscriber_new(redis, &c->subscriber_owner);
	add_queues(c);
	pipeline_start(c->commands);
	pipeline_start(subscriber_pipeline(c->subscriber));
	return c;
}

void cti_free(struct cti **cti)
{
	struct cti *c = *cti;

	if (!c)
		return;
	pipeline_free(&c->commands);
	while (!list_is_empty(&c->lingers.items))
		deadline_queue_run(&c->lingers, DEADLINE_NEVER - 1);
	subscriber_free(&c->subscriber);
	frame_unref(&c->authe_ok);
	arena_free(&c->arena);
	free(c);
	*cti = NULL;
}

void cti_count(const struct cti *c, struct cti_counters *ret)
{
	*ret = c->counters;
}
