/*
 * What was published in a room shortly before a client came into it (cti-api 3.4).
 *
 *   client --live--> waiter --channels confirmed--> snapshot of its domain's stream
 *     snapshot: asked for -> read -> echo: all it contains has been delivered too -> told in portions
 *
 * A waiter writes down what its client is told meanwhile.  Once the echo is there, each entry of the
 * snapshot has either been delivered to it as it came, or will never be: so what is told then is heard
 * once, and never behind something newer.
 */
#ifndef DIALTONE_RELAY_CTI_CATCH_UP_H
#define DIALTONE_RELAY_CTI_CATCH_UP_H

#include "redis/message.h"
#include "relay/core/core.h"

extern const struct core_listener catch_up_listener;

/* A client that waits was sent this message of the channel: nothing older shall follow it. */
void catch_up_note(struct cti_client *c, const struct cti_channel *ch, const struct message *m);
/* Goes on with those whose clients have taken some of what they were sent. */
void catch_up_go_on(struct core *core);
void catch_up_free_all(struct core *core);

#endif
