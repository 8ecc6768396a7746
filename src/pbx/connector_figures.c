#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process_figures.h"
#include "connector_priv.h"
#include "pg/pg.h"
#include "redis/pipeline.h"

#define PING_MS 200

struct figures {
	uint64_t at_work, syncs, sync_age_us, redis_up;
	struct pbx_figures core;
	struct teller_figures teller;
	struct records_figures records;
	struct pg_counters pg;
};

#define ROW(type, name, member, help)                                    \
	{                                                                \
		name, NULL, type, help, offsetof(struct figures, member) \
	}

const struct metric connector_metrics[] = {
	ROW(METRIC_GAUGE, "at_work", at_work, "1: it is; 0: it stands by for another one"),
	ROW(METRIC_COUNTER, "syncs", syncs, "Looks at all there is"),
	{ "sync_age_seconds", NULL, METRIC_GAUGE, "Since the last one that found all",
		offsetof(struct figures, sync_age_us), NULL, METRIC_MICROSECONDS },
	ROW(METRIC_COUNTER, "events_repeated", core.repeated, "Events that said nothing new"),
	ROW(METRIC_COUNTER, "unknown_addresses", core.unknown_addresses,
		"Events about addresses that are none of ours"),
	ROW(METRIC_COUNTER, "refused", core.refused, "Calls and devices above a limit"),
	ROW(METRIC_GAUGE, "calls", core.calls, "Calls at this moment"),
	ROW(METRIC_GAUGE, "devices", core.devices_registered, "Devices registered"),
	ROW(METRIC_COUNTER, "published", teller.published, "Commands that Redis has taken"),
	ROW(METRIC_COUNTER, "publish_failures", teller.failed,
		"Commands that it has not: all is told anew"),
	ROW(METRIC_COUNTER, "skipped", teller.skipped, "Messages to rooms without listeners"),
	ROW(METRIC_GAUGE, "records_waiting", records.waiting,
		"Records of calls on their way to PostgreSQL"),
	ROW(METRIC_COUNTER, "records_written", records.written, "Records of calls that it has"),
	ROW(METRIC_COUNTER, "records_dropped", records.dropped, "Records of calls that are lost"),
	ROW(METRIC_GAUGE, "redis_up", redis_up, "Whether Redis is connected: 0 or 1"),
	ROW(METRIC_GAUGE, "postgresql_up", pg.up, "Whether PostgreSQL is connected: 0 or 1"),
	PG_METRIC_ROWS(struct figures),
	METRICS_END,
};

void connector_figures_put(void *arg, bool open_metrics, struct buf *out)
{
	const struct connector *c = arg;
	struct metric_text t = { out, open_metrics, PBX_METRICS_PREFIX, NULL };
	const pid_t self = getpid();
	const struct process_figures process = process_figures_of(&self, 1);
	struct figures f = { c->core != NULL, c->syncs, METRIC_UNKNOWN, pipeline_is_up(c->pipeline),
		{ 0 }, teller_figures(c->teller), records_figures(c->records),
		*pg_counters(c->pg) };

	if (c->core)
		pbx_figures(c->core, &f.core);
	if (c->synced_ms)
		f.sync_age_us = (uint64_t)(clock_ms() - c->synced_ms) * 1000;
	process_figures_put(&t, "dialtone-pbx", c->settings->version, &process);
	metric_put_rows(&t, connector_metrics, &f);
	if (c->back_end)
		c->settings->back_end->figures(c->back_end, &t);
	metric_end(&t);
}

const char *connector_missing(void *arg)
{
	struct connector *c = arg;
	enum err e = pg_ping(c->pg, PING_MS);

	if (e != ERR_OK)
		return e == ERR_INTERNAL ? "schema" : "postgresql";
	return pipeline_is_up(c->pipeline) ? NULL : "redis";
}
