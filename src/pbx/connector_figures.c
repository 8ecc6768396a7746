#include "base/clock.h"
#include "connector_priv.h"
#include "figure_priv.h"

static void put_core(const struct connector *c, bool open_metrics, struct buf *out)
{
	static const struct figure repeated = { "events_repeated", "counter",
		"Events that said nothing new" },
				   unknown = { "unknown_addresses", "counter",
					   "Events about addresses that are none of ours" },
				   refused = { "refused", "counter",
					   "Calls and devices above a limit" },
				   calls = { "calls", "gauge", "Calls at this moment" },
				   devices = { "devices", "gauge", "Devices registered" };
	struct pbx_figures f = { 0 };

	if (c->core)
		pbx_figures(c->core, &f);
	figure_put(out, open_metrics, &repeated, f.repeated);
	figure_put(out, open_metrics, &unknown, f.unknown_addresses);
	figure_put(out, open_metrics, &refused, f.refused);
	figure_put(out, open_metrics, &calls, f.calls);
	figure_put(out, open_metrics, &devices, f.devices_registered);
}

static void put_told(const struct connector *c, bool open_metrics, struct buf *out)
{
	static const struct figure published = { "published", "counter",
		"Commands that Redis has taken" },
				   failed = { "publish_failures", "counter",
					   "Commands that it has not: all is told anew" },
				   skipped = { "skipped", "counter",
					   "Messages to rooms without listeners" },
				   waiting = { "records_waiting", "gauge",
					   "Records of calls on their way to PostgreSQL" },
				   written = { "records_written", "counter",
					   "Records of calls that it has" },
				   dropped = { "records_dropped", "counter",
					   "Records of calls that are lost" };
	const struct teller_figures t = teller_figures(c->teller);
	const struct records_figures r = records_figures(c->records);

	figure_put(out, open_metrics, &published, t.published);
	figure_put(out, open_metrics, &failed, t.failed);
	figure_put(out, open_metrics, &skipped, t.skipped);
	figure_put(out, open_metrics, &waiting, r.waiting);
	figure_put(out, open_metrics, &written, r.written);
	figure_put(out, open_metrics, &dropped, r.dropped);
}

static void put_work(const struct connector *c, bool open_metrics, struct buf *out)
{
	static const struct figure at_work = { "at_work", "gauge",
		"1: it is; 0: it stands by for another one" },
				   syncs = { "syncs", "counter", "Looks at all there is" },
				   age = { "sync_age_seconds", "gauge",
					   "Since the last one that found all" };

	figure_put(out, open_metrics, &at_work, c->core != NULL);
	figure_put(out, open_metrics, &syncs, c->syncs);
	if (c->synced_ms)
		figure_put(out, open_metrics, &age, (uint64_t)(clock_ms() - c->synced_ms) / 1000);
}

void connector_figures_put(void *arg, bool open_metrics, struct buf *out)
{
	const struct connector *c = arg;

	put_work(c, open_metrics, out);
	if (c->back_end)
		c->settings->back_end->figures(c->back_end, open_metrics, out);
	put_core(c, open_metrics, out);
	put_told(c, open_metrics, out);
	if (open_metrics)
		buf_add_str(out, "# EOF\n");
}
