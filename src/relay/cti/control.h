/* Orders to relays: end, kick, rebind, give way, resync, drain (cti-api 3.5). */
#ifndef DIALTONE_RELAY_CTI_CONTROL_H
#define DIALTONE_RELAY_CTI_CONTROL_H

#include "redis/message.h"
#include "relay/core/core.h"

void control_run(struct cti_channel *ch, const struct message *m);

#endif
