/* What was published in a room shortly before a client came into it (cti-api 3.4). */
#ifndef DIALTONE_RELAY_CTI_CATCH_UP_H
#define DIALTONE_RELAY_CTI_CATCH_UP_H

#include "redis/message.h"
#include "relay/core/core.h"

extern const struct core_listener catch_up_listener;

/* A message that was delivered: nothing older shall follow it. */
void catch_up_note(struct core *core, const struct cti_channel *ch, const struct message *m);
void catch_up_free_all(struct core *core);

#endif
