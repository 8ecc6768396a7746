/* An event and the clients it is for. */
#ifndef DIALTONE_RELAY_CTI_DELIVERY_H
#define DIALTONE_RELAY_CTI_DELIVERY_H

#include "redis/message.h"
#include "relay/core/core.h"

/* Whether clients can be sent it: each that got another one would close its connection. */
bool delivery_is_sound(const struct message *m);
bool delivery_is_stale(const struct core *core, const struct message *m);
/* Is told of a client that was sent a message. */
typedef void delivery_note_fn(
	struct cti_client *c, const struct cti_channel *ch, const struct message *m);
/* To the members of its channel; it is sound. */
void delivery_to_all(struct cti_channel *ch, const struct message *m, delivery_note_fn *note);
/* Of a sound event; one reference, yours. */
struct frame *delivery_frame(const struct message *m);
bool delivery_is_for(struct cti_client *c, const struct cti_channel *ch, const struct message *m);
/* A sound event to one client, if it is for it and not stale: whether it was sent. */
bool delivery_replay(struct cti_client *c, const struct cti_channel *ch, const struct message *m,
	struct frame *f);

#endif
