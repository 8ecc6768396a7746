/*
 * The clients that are to be ended, some at a time: thousands at once would all come back at once.
 *
 * They stand in a line; some go each tick, at the fastest rate that was asked for.
 */
#ifndef DIALTONE_RELAY_CORE_LEAVING_H
#define DIALTONE_RELAY_CORE_LEAVING_H

#include "relay/core/core.h"

/* Ends the client soon; those already waiting go first. rate: so many a second. */
void leaving_add(struct cti_client *c, int64_t rate, enum sio_end how);
/* The same within resync_ms, all that wait together: it missed something and is to come back. */
void leaving_resync(struct cti_client *c);
/* Some of them, as many as are due. */
void leaving_end_some(struct core *core, int64_t passed_ms);

#endif
