/*
 * What a relay counts, declared once: from the rows come the OpenMetrics text and the table that
 * `dialtonectl relay status` prints.
 *
 * Rows of one family (the same name, other labels) stand together.  A counter only grows; a gauge
 * goes back to where it started when the clients are gone.
 */
#ifndef DIALTONE_RELAY_ADMIN_METRIC_H
#define DIALTONE_RELAY_ADMIN_METRIC_H

#include "base/buf.h"
#include "relay/cti/cti.h"
#include "relay/server/server.h"

struct figures {
	struct core_counters cti;
	struct server_counters server;
};

enum metric_type { METRIC_COUNTER, METRIC_GAUGE };

struct metric {
	const char *name;   /* without prefix and suffix */
	const char *labels; /* "code=\"1000\"", or NULL */
	enum metric_type type;
	const char *help;
	size_t offset; /* of a 64-bit number in struct figures */
};

/* Ended by a row without a name. */
extern const struct metric metrics[];

/* The text of OpenMetrics 1.0, "# EOF" included. */
void metric_put_open(struct buf *out, const struct figures *f);
/* A line for each: name, labels, value. */
void metric_put_plain(struct buf *out, const struct figures *f);

#endif
