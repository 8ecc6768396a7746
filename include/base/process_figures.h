/*
 * What each program tells of itself beside its own figures: its version, and what its processes use, under the
 * names that are usual everywhere (process_cpu_seconds_total and so on).
 */
#ifndef DIALTONE_BASE_PROCESS_FIGURES_H
#define DIALTONE_BASE_PROCESS_FIGURES_H

#include <sys/types.h>

#include "base/metric.h"

struct process_figures {
	uint64_t cpu_us, resident_bytes, virtual_bytes, open_fds, max_fds, started_us;
};

/* Ended by a row without a name; their prefixes are "dialtone_" and "process_". */
extern const struct metric build_metrics[], process_metrics[];

/* Of a process and of those of its children that have ended; of all these together, but open_fds and max_fds of
 * the one that is nearest to its limit, and started_us of the first. One that is gone counts nothing. */
struct process_figures process_figures_of(const pid_t *pids, size_t n);

/* build_metrics and process_metrics, of these processes; only in an OpenMetrics text, at its beginning. */
void process_figures_put(struct metric_text *t, const char *program, const char *version,
	const struct process_figures *f);

#endif
