/*
 * What dialtone-jobs counts, and whether it has what it needs (daemon/figures_server.h).
 *
 * What only PostgreSQL knows is read at most once a second, and so seldom that reading takes a fiftieth of the time at
 * most; the installation's figures once a minute, a hundredth.  What cannot be read is left out.
 */
#ifndef DIALTONE_JOBS_FIGURES_H
#define DIALTONE_JOBS_FIGURES_H

#include "base/metric.h"
#include "pg/counters.h"
#include "redis/redis.h"

#define JOBS_METRICS_PREFIX "dialtone_jobs_"

/* A look at the database that has its time. */
struct figures_look {
	int64_t due_ms; /* clock_ms() */
};

struct outbox_standing {
	uint64_t waiting, oldest_us;
};

struct installation {
	uint64_t spaces, accounts, two_factor, sessions, sessions_two_factor;
};

struct job_standing {
	char kind[65];
	uint64_t waiting, dead;
};

struct jobs_figures {
	struct figures_look outbox_look, queue_look, installation_look;
	struct outbox_standing outbox;
	struct installation installation;
	struct job_standing standing[64];
	size_t standing_n;
};

/* Ended by rows without a name; jobs_kind_metrics have a value for each kind of job. */
extern const struct metric jobs_metrics[], jobs_kind_metrics[];

/* jobs: a struct jobs. */
void jobs_figures_put(void *jobs, bool open_metrics, struct buf *out);
const char *jobs_missing(void *jobs);

#endif
