/*
 * The operator's unix socket of a relay: one line asks, the answer follows, the connection ends.
 *
 *   metrics             OpenMetrics text; also as HTTP, for "GET /metrics HTTP/1.1"
 *   status              the same figures, a line each: name, labels, value, with tabs between
 *   sessions [USER]     a line each: socket id, user, domain, client type, since (epoch)
 *   kick SID [back]     sends a client away, or to come back: "ok", or "no such session"
 *   drain [RATE]        sends all clients elsewhere, so many a second: "ok"
 *
 * Anything else is answered "what?".  A caller that may open the socket is trusted: its mode is 0660.
 */
#ifndef DIALTONE_RELAY_ADMIN_ADMIN_H
#define DIALTONE_RELAY_ADMIN_ADMIN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "relay/cti/cti.h"
#include "relay/server/server.h"

struct admin;

/* What it shows and does. */
struct admin_subject {
	struct loop *loop;
	struct cti *cti;
	struct server *server;
	void (*drain)(void *arg, int64_t rate); /* 0: the default rate */
	void *arg;
	const char *version; /* of the program */
};

/* subject and path are kept. Errors as of acceptor_new(). */
MUST_CHECK enum err admin_new(struct admin_subject *subject, const char *path, struct admin **ret);
/* Sets *a to NULL; it may be NULL already. */
void admin_free(struct admin **a);

/* All figures, as OpenMetrics text or as lines; subject is a struct admin_subject. */
void admin_figures_put(void *subject, bool open_metrics, struct buf *out);

#endif
