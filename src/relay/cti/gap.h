/* Has a channel missed a message? Told by the numbers of the messages and by what Redis has counted (cti-api 3.4). */
#ifndef DIALTONE_RELAY_CTI_GAP_H
#define DIALTONE_RELAY_CTI_GAP_H

#include "redis/message.h"
#include "relay/core/core.h"

extern const struct core_listener gap_listener;

/* Notes a message's sequence. Members of a channel that missed something are ended. */
void gap_note(struct cti_channel *ch, const struct message *m);
/* Goes on with what could not be asked. */
void gap_ask_some(struct core *core);
void gap_on_due(struct deadline *d, int64_t now_ms);

#endif
