/*
 * What dialtone-jobs counts, and whether it has what it needs (daemon/figures_server.h).
 *
 * What only PostgreSQL knows is read at most once a second, and so seldom that reading takes a fiftieth of the time at
 * most; the installation's figures once a minute, a hundredth.  What cannot be read is left out.
 */
#ifndef DIALTONE_JOBS_FIGURES_H
#define DIALTONE_JOBS_FIGURES_H

#include "base/metric.h"

#define JOBS_METRICS_PREFIX "dialtone_jobs_"

/* Ended by rows without a name; jobs_kind_metrics have a value for each kind of job. */
extern const struct metric jobs_metrics[], jobs_kind_metrics[];

/* jobs: a struct jobs. */
void jobs_figures_put(void *jobs, bool open_metrics, struct buf *out);
const char *jobs_missing(void *jobs);

#endif
