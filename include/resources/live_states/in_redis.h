/* The hash {D}:st of Redis, for the rules of live_states.h. */
#ifndef DIALTONE_RESOURCES_LIVE_STATES_IN_REDIS_H
#define DIALTONE_RESOURCES_LIVE_STATES_IN_REDIS_H

#include "redis/side.h"
#include "service/service.h"

/* side is kept. */
struct live_states live_states_in(struct redis_side *side);

#endif
