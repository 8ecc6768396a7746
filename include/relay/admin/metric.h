/* The figures of a relay, as rows (base/metric.h): a figure more is a member where it is counted, and a row. */
#ifndef DIALTONE_RELAY_ADMIN_METRIC_H
#define DIALTONE_RELAY_ADMIN_METRIC_H

#include "base/metric.h"
#include "relay/cti/cti.h"
#include "relay/server/server.h"

#define RELAY_METRICS_PREFIX "dialtone_relay_"

struct figures {
	struct core_counters cti;
	struct server_counters server;
};

/* Of struct figures; ended by a row without a name. */
extern const struct metric relay_metrics[];

#endif
