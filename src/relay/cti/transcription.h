/*
 * Hearing what is said in a call (cti-api 2.2, 2.8).
 *
 * It is published to the room stt.<linkedid>, and no client is told to enter it: a
 * client asks, and enters if one of its user's extensions takes part in the call, as the state of the
 * extensions in Redis says.  It is asked again now and then, and when the user's extensions change: who
 * has left the call hears no more of it.
 */
#ifndef DIALTONE_RELAY_CTI_TRANSCRIPTION_H
#define DIALTONE_RELAY_CTI_TRANSCRIPTION_H

#include "relay/core/core.h"

extern const struct core_listener transcription_listener;

void transcription_start(struct cti_client *c, struct str args);
void transcription_stop(struct cti_client *c, struct str args);

#endif
