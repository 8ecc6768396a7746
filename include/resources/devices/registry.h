/* The registrar of Flexisip, as rules are handed it: struct device_registry of service/service.h. */
#ifndef DIALTONE_RESOURCES_DEVICES_REGISTRY_H
#define DIALTONE_RESOURCES_DEVICES_REGISTRY_H

#include "redis/side.h"
#include "service/service.h"

#define DEVICE_REGISTRY_STEP_MS 500 /* for redis_new() */

/* redis, of the registrar, is kept; NULL: there is none, and every call answers ERR_UNAVAILABLE. */
struct device_registry device_registry_in(struct redis *redis);
/* What is published on sip:events, in our own Redis; side is kept. */
struct sip_events sip_events_in(struct redis_side *side);

#endif
