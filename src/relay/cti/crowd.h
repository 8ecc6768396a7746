/*
 * A user who seems to have too many clients, counted over all relays (redis/live_sockets.h).
 *
 *   entered: too many --> roll call --roll_call_ms--> judged: the oldest of those that live go
 *
 * A relay that died leaves its clients listed, and they are back at another one before any sign tells that it
 * is dead.  So no client is sent away before all have been asked; meanwhile there may be too many.
 */
#ifndef DIALTONE_RELAY_CTI_CROWD_H
#define DIALTONE_RELAY_CTI_CROWD_H

#include "cti_priv.h"

/* Says in Redis that a socket is live: entry is "relay ua jti since -" among those of key.  counted: and
 * looks whether there are too many.  Lost when Redis is away. */
void crowd_enter(
	struct core *core, struct str key, const char *sid, struct str entry, bool counted);
void crowd_on_due(struct deadline *d, int64_t now_ms);
void crowd_free_all(struct cti *cti);

#endif
