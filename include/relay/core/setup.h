/* A relay's core from its beginning to its end. */
#ifndef DIALTONE_RELAY_CORE_SETUP_H
#define DIALTONE_RELAY_CORE_SETUP_H

#include "relay/core/core.h"

struct core_setup {
	const struct core_settings *settings;
	const struct core_ports *ports;
	const struct core_listener *const *listeners; /* NULL at the end */
	const struct redis_address *redis;
	/* A message from Redis; arg is the struct core. */
	void (*on_message)(void *arg, struct subscription *sub, struct str raw);
};

/* Everything given is kept. */
void core_init(struct core *core, const struct core_setup *setup);
/* Connects to Redis: from now on listeners are called. */
void core_start(struct core *core);
/* Whether it hears Redis and can ask it. */
bool core_is_connected(const struct core *core);
/* After the last client has gone, in this order. The first answers all commands under way, without a
 * reply; between the two their askers can be released. */
void core_stop_commands(struct core *core);
void core_finish(struct core *core);

#endif
