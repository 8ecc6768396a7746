/*
 * How a relay is left by its clients: asked to go elsewhere, some at a time, and, when the program
 * ends, closed after a while whether they went or not.
 *
 * Clients are closed without a Socket.IO goodbye, so they come back by themselves, to another relay:
 * this one takes no new ones.  The program ends when no client is left and one more look has found
 * nothing to do, or 3 s after the last were closed.
 */
#ifndef DIALTONE_RELAY_ADMIN_DEPARTURE_H
#define DIALTONE_RELAY_ADMIN_DEPARTURE_H

#include "relay/cti/cti.h"
#include "relay/server/server.h"
#include "relay/net/acceptor.h"

struct departure {
	struct loop *loop;
	struct cti *cti;
	struct server *server;
	struct acceptor **acceptor; /* set to NULL when the last clients are closed */
	struct deadline look;       /* whether all have gone */
	struct deadline_queue looks;
	bool refuses;   /* newcomers */
	bool was_empty; /* no client was left at the last look */
	int64_t close_by_ms, stop_by_ms;
};

/* All are kept. */
void drain_init(struct departure *d, struct loop *loop, struct cti *cti, struct server *server,
	struct acceptor **acceptor);
/* Refuses newcomers and sends the others away, rate a second; 0: one in a hundred a second. */
void drain_clients(struct departure *d, int64_t rate);
/* The same within drain_ms, then stops the loop. Called again, it does not wait. */
void drain_begin(struct departure *d, int64_t drain_ms);
bool drain_has_begun(const struct departure *d);
/* Since one or the other. */
bool drain_refuses_newcomers(const struct departure *d);

#endif
