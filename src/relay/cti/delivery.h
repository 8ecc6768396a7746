/* An event and the clients it is for. */
#ifndef DIALTONE_RELAY_CTI_DELIVERY_H
#define DIALTONE_RELAY_CTI_DELIVERY_H

#include "redis/message.h"
#include "relay/core/core.h"

/* Whether clients can be sent it: each that got another one would close its connection. */
bool delivery_is_sound(const struct message *m);
bool delivery_is_stale(const struct core *core, const struct message *m);
/* To the members of its channel; it is sound. */
void delivery_to_all(struct cti_channel *ch, const struct message *m);
/* To one client, if it is for it, sound and not stale. */
void delivery_replay(struct cti_client *c, const struct cti_channel *ch, const struct message *m);

#endif
