#define _GNU_SOURCE
#include "api/figures.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/process_figures.h"
#include "daemon/figures_server.h"
#include "daemon/signals.h"

#define LABELS_MAX 64

struct figures {
	struct worker_figures workers;
	uint64_t wanted, alive, restarts, hung;
	struct pg_counters pg; /* of the workers */
};

#define ROW(type, name, member, help)                                    \
	{                                                                \
		name, NULL, type, help, offsetof(struct figures, member) \
	}
#define COUNT_ROW(noun, family, labels, help)   \
	{ family, labels, METRIC_COUNTER, help, \
		offsetof(struct figures, workers.counts[COUNT_##noun]) },

const struct metric api_metrics[] = {
	ROW(METRIC_GAUGE, "workers_wanted", wanted, "Workers there should be: the setting workers"),
	ROW(METRIC_GAUGE, "workers_alive", alive, "Workers there are"),
	ROW(METRIC_GAUGE, "workers_busy", workers.busy, "Workers that are at a request"),
	ROW(METRIC_COUNTER, "workers_restarted", restarts,
		"Workers that ended without being told to, and were replaced"),
	ROW(METRIC_COUNTER, "workers_hung", hung,
		"Workers that hung, and were killed and replaced"),
	{ "busy_seconds", NULL, METRIC_COUNTER, "Time the workers spent on requests, together",
		offsetof(struct figures, workers.busy_us), NULL, METRIC_MICROSECONDS },
	ROW(METRIC_COUNTER, "requests_together", workers.together,
		"Requests that came in with others, and asked the database with them in one go"),
	ROW(METRIC_GAUGE, "connections", workers.connections,
		"Connections that web servers keep open to the workers"),
	ROW(METRIC_GAUGE, "postgresql_connections", workers.pg.up,
		"Workers that are connected to PostgreSQL"),
	PG_METRIC_ROWS(struct figures),
	ROW(METRIC_GAUGE, "redis_connections", workers.redis.up,
		"Workers that are connected to Redis"),
	ROW(METRIC_COUNTER, "redis_failures", workers.redis.failures,
		"Connections to Redis that were lost, or not made"),
	COUNTS(COUNT_ROW){ "refused", NULL, METRIC_COUNTER,
		"Requests refused for a limit, by reason", METRIC_NOWHERE, "reason" },
	METRICS_END,
};

static const struct metric *row_called(const char *name)
{
	const struct metric *m = api_metrics;

	while (strcmp(m->name, name) != 0)
		m++;
	return m;
}

static void put_refused(struct metric_text *t, const struct limit_counts *counts)
{
	const struct metric *row = row_called("refused");
	char labels[LABELS_MAX];

	for (int i = 0; i < LIMIT_COUNT; i++) {
		snprintf(labels, sizeof(labels), "%s=\"%s\"", row->by, limit_rows[i].reason);
		metric_put(t, row, labels, limit_count(counts, (enum limit)i));
	}
}

/* The supervisor first, which has been there for longest. */
static struct process_figures processes(const struct supervisor_figures *s, uint64_t *ret_alive)
{
	pid_t pids[SUPERVISOR_PLACES + 2] = { getppid(), getpid() };
	size_t n = 2;

	for (size_t i = 0; i < SUPERVISOR_PLACES; i++) {
		pids[n] = (pid_t)counter_read(&s->places[i].pid);
		n += pids[n] != 0;
	}
	*ret_alive = n - 2;
	return process_figures_of(pids, n);
}

static void put(void *arg, bool open_metrics, struct buf *out)
{
	const struct api_figures *a = arg;
	const struct supervisor_figures *s = board_supervisor(a->board);
	struct metric_text t = { out, open_metrics, API_METRICS_PREFIX, NULL };
	struct figures f = { board_sum(a->board), counter_read(&s->wanted), 0,
		counter_read(&s->restarts), counter_read(&s->hung), { 0 } };
	const struct process_figures p = processes(s, &f.alive);

	f.pg = f.workers.pg;
	process_figures_put(&t, "dialtone-api", a->version, &p);
	metric_put_rows(&t, api_metrics, &f);
	put_refused(&t, board_limits(a->board));
	board_put_routes(a->board, &t);
	metric_end(&t);
}

static const char *missing(void *arg)
{
	const struct api_figures *a = arg;

	return health_missing(a->health);
}

static bool has_redis(void *arg)
{
	const struct api_figures *a = arg;

	return a->health->has_redis;
}

void api_figures_run(struct api_figures *f, const struct figures_sockets *sockets)
{
	struct figures_server *server =
		figures_server_new(&(struct figures_source){ put, missing, f, has_redis }, sockets);
	struct pollfd p = { .fd = figures_server_fd(server), .events = POLLIN };
	sigset_t asleep;

	signals_init(&asleep);
	while (!signals_say_stop())
		if (ppoll(&p, 1, NULL, &asleep) > 0)
			figures_server_run(server);
	figures_server_free(&server);
}
