/*
 * Which messages may come on which channel, and for which clients here they are (cti-api 3.1).
 *
 * Redis can tell who may publish on a channel, not what: so the orders about users, and the events that
 * make a client act, have a channel of their own, and what claims to be one elsewhere is nothing.
 */
#ifndef DIALTONE_RELAY_CTI_ROUTING_H
#define DIALTONE_RELAY_CTI_ROUTING_H

#include "redis/message.h"
#include "relay/core/core.h"

/* Of an order or a sound event (delivery_is_sound()); bare: it is the event's array alone. */
bool routing_permits(const struct cti_channel *ch, const struct message *m, bool bare);
/* The channel whose members it is for: on a domain's control channel, that of the user it names.  NULL:
 * no client here is that user's. */
struct cti_channel *routing_target(struct cti_channel *ch, const struct message *m);

#endif
