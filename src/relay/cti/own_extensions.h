/*
 * What the extensions of a client's own user are doing when the client comes.
 *
 *   client --permitted--> cti_own --live--> asked for -> read -> echo: told
 *
 * Rooms are caught up with from what was published lately (catch_up.h).  That does not help users themselves: they
 * have their own copies of what their phones do, and were away longer: a telephone page that slept or lost its
 * relay would ring for a call that is long over, and asks nothing when it is back.  So it is told as it is.
 *
 * As in catch_up.h, what comes live meanwhile is noted, and nothing older follows it.
 */
#ifndef DIALTONE_RELAY_CTI_OWN_EXTENSIONS_H
#define DIALTONE_RELAY_CTI_OWN_EXTENSIONS_H

#include "redis/message.h"
#include "relay/core/core.h"

extern const struct core_listener own_extensions_listener;

/* A client was sent this message of the channel. */
void own_extensions_note(
	struct cti_client *c, const struct cti_channel *ch, const struct message *m);

#endif
