#include "relay/core/setup.h"

#include <stdlib.h>

#include "redis/channel.h"
#include "relay/core/channel.h"
#include "relay/core/client.h"
#include "relay/core/send.h"

static void watch_commands(void *arg, int fd, bool output)
{
	struct core *core = arg;

	core->ports->watch(core->ports->arg, core->commands, fd, output);
}

static void watch_subscriber(void *arg, int fd, bool output)
{
	struct core *core = arg;

	core->ports->watch(core->ports->arg, subscriber_pipeline(core->subscriber), fd, output);
}

/* Events come over the second connection, which must be to the same server: what the first one asks
 * there is compared with them. */
static void on_commands_up(void *arg)
{
	struct core *core = arg;

	core->counters.redis_up = 1;
	pipeline_follow(subscriber_pipeline(core->subscriber), core->commands);
	CORE_TELL(core, redis_up, core);
}

static void on_commands_down(void *arg)
{
	struct core *core = arg;

	core->counters.redis_up = 0;
	core->counters.redis_losses++;
	pipeline_stop(subscriber_pipeline(core->subscriber));
}

static void on_subscriber_down(void *arg)
{
	struct core *core = arg;

	CORE_TELL(core, events_down, core);
}

static void on_subscriber_echo(void *arg, uint64_t number)
{
	struct core *core = arg;

	CORE_TELL(core, echo, core, number);
}

static void add_queue(struct core *core, struct deadline_queue *queue, deadline_fn *fn)
{
	deadline_queue_init(queue, fn);
	core->ports->add_queue(core->ports->arg, queue);
}

/* This relay's channel and that of all relays: listened to as long as it lives. */
static void join_own_channels(struct core *core)
{
	struct buf name;

	buf_init(&name, CORE_NAME_MAX);
	channel_relay(&name, core->settings->prefix, str_from(core->settings->relay));
	core->node = channel_get(core, buf_str(&name));
	buf_clear(&name);
	channel_control(&name, core->settings->prefix);
	core->everybody = channel_get(core, buf_str(&name));
	buf_finish(&name);
}

void core_init(struct core *core, const struct core_setup *setup)
{
	*core = (struct core){
		.settings = setup->settings, .ports = setup->ports, .listeners = setup->listeners
	};
	list_init(&core->round);
	list_init(&core->leaving);
	core->commands_owner = (struct pipeline_owner){ watch_commands, on_commands_up,
		on_commands_down, NULL, core };
	core->subscriber_owner = (struct subscriber_owner){ watch_subscriber, channel_on_confirmed,
		setup->on_message, on_subscriber_down, on_subscriber_echo, core };
	core->commands = pipeline_new(setup->redis, &core->commands_owner);
	core->subscriber = subscriber_new(setup->redis, &core->subscriber_owner);
	add_queue(core, &core->lingers, channel_on_linger);
	add_queue(core, &core->expiries, client_on_expiry);
	add_queue(core, &core->delayed, send_on_time);
}

void core_start(struct core *core)
{
	const struct core_ports *ports = core->ports;

	ports->add_queue(ports->arg, pipeline_deadlines(core->commands));
	ports->add_queue(ports->arg, pipeline_deadlines(subscriber_pipeline(core->subscriber)));
	join_own_channels(core);
	pipeline_start(core->commands);
}

bool core_is_connected(const struct core *core)
{
	return pipeline_is_up(core->commands) && core->node->sub.confirmed &&
	       core->everybody->sub.confirmed;
}

static void run_all(struct deadline_queue *q)
{
	while (!list_is_empty(&q->items))
		deadline_queue_run(q, DEADLINE_NEVER - 1);
}

void core_stop_commands(struct core *core)
{
	run_all(&core->delayed);
	pipeline_free(&core->commands);
}

void core_finish(struct core *core)
{
	run_all(&core->lingers);
	channel_free(core->node);
	channel_free(core->everybody);
	subscriber_free(&core->subscriber);
	free(core->slots);
}
