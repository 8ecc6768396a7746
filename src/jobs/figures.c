#include "jobs/figures.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process_figures.h"
#include "figures_priv.h"
#include "jobs/jobs.h"
#include "pg/pg.h"

#define LABELS_MAX         256
#define PING_MS            200
#define OFTEN_MS           1000
#define SELDOM_MS          60000
#define SHARE_OFTEN        50
#define SHARE_SELDOM       100
#define WAITING_COUNTED_TO 100000

struct figures {
	struct pg_counters pg;
	struct redis_counters redis;
	struct outbox_figures outbox;
	struct outbox_standing standing;
	struct installation installation;
	uint64_t running;
};

#define ROW(type, name, member, help)                                    \
	{                                                                \
		name, NULL, type, help, offsetof(struct figures, member) \
	}

const struct metric jobs_metrics[] = {
	ROW(METRIC_GAUGE, "leader", outbox.leader,
		"1: the outbox was this process's at its last look; 0: it is another's"),
	ROW(METRIC_GAUGE, "outbox_waiting", standing.waiting,
		"Events that wait to be published, counted up to " PG_CONSTANT(WAITING_COUNTED_TO)),
	{ "outbox_oldest_seconds", NULL, METRIC_GAUGE, "How long the oldest of them has waited",
		offsetof(struct figures, standing.oldest_us), NULL, METRIC_MICROSECONDS },
	ROW(METRIC_COUNTER, "outbox_published", outbox.published,
		"Events that were published, or handed on in the database"),
	ROW(METRIC_COUNTER, "outbox_dropped", outbox.dropped,
		"Events that could be told to no one: too large, or of another version"),
	ROW(METRIC_COUNTER, "outbox_failures", outbox.failures,
		"Batches that PostgreSQL or Redis did not take; they are tried again"),
	ROW(METRIC_GAUGE, "running", running, "Jobs that this process is carrying out"),
	ROW(METRIC_GAUGE, "postgresql_up", pg.up, "Whether PostgreSQL is connected: 0 or 1"),
	PG_METRIC_ROWS(struct figures),
	ROW(METRIC_GAUGE, "redis_up", redis.up, "Whether Redis is connected: 0 or 1"),
	ROW(METRIC_COUNTER, "redis_failures", redis.failures,
		"Connections to Redis that were lost, or not made"),
	ROW(METRIC_GAUGE, "spaces", installation.spaces, "Spaces of the installation"),
	ROW(METRIC_GAUGE, "accounts", installation.accounts, "Accounts of the installation"),
	ROW(METRIC_GAUGE, "accounts_two_factor", installation.two_factor,
		"Accounts of the installation with a second factor"),
	ROW(METRIC_GAUGE, "sessions", installation.sessions,
		"Sessions of the installation that live"),
	ROW(METRIC_GAUGE, "sessions_two_factor", installation.sessions_two_factor,
		"Sessions of the installation that live and whose second factor was proved"),
	METRICS_END,
};

enum { KIND_WAITING, KIND_DEAD };

#define BY_KIND(type, name, where, help)              \
	{                                             \
		name, NULL, type, help, where, "kind" \
	}
#define COUNTED(member) offsetof(struct kind_figures, member)

const struct metric jobs_kind_metrics[] = {
	[KIND_WAITING] = BY_KIND(METRIC_GAUGE, "waiting", METRIC_NOWHERE,
		"Jobs that wait or run, of all processes, by kind"),
	[KIND_DEAD] = BY_KIND(METRIC_GAUGE, "dead", METRIC_NOWHERE,
		"Jobs given up or expired that are kept, by kind"),
	BY_KIND(METRIC_COUNTER, "done", COUNTED(done), "Jobs carried out, by kind"),
	BY_KIND(METRIC_COUNTER, "retried", COUNTED(retried),
		"Attempts that failed and are made again, by kind"),
	BY_KIND(METRIC_COUNTER, "given_up", COUNTED(dead), "Jobs given up or expired, by kind"),
	BY_KIND(METRIC_COUNTER, "put_off", COUNTED(paced),
		"Jobs that waited for the rate limit of their space, by kind"),
	METRICS_END,
};

/* Where it is time: seldom enough to take no more than a share of all time. */
static void look_when_due(struct jobs *j, struct figures_look *look, int64_t every_ms,
	int64_t share, void (*at)(struct jobs *j))
{
	int64_t began = clock_ms(), now, rest;

	if (began < look->due_ms)
		return;
	at(j);
	now = clock_ms();
	rest = share * (now - began);
	look->due_ms = now + (rest > every_ms ? rest : every_ms);
}

static void at_outbox(struct jobs *j)
{
	struct outbox_standing *o = &j->figures.outbox;

	if (figures_store_outbox(&j->outbox.service, WAITING_COUNTED_TO, o) != ERR_OK)
		*o = (struct outbox_standing){ METRIC_UNKNOWN, METRIC_UNKNOWN };
}

static void at_installation(struct jobs *j)
{
	struct installation *i = &j->figures.installation;

	if (figures_store_installation(&j->outbox.service, i) != ERR_OK)
		memset(i, 0xff, sizeof(*i)); /* METRIC_UNKNOWN */
}

static void at_queue(struct jobs *j)
{
	struct jobs_figures *f = &j->figures;

	f->standing_n = 0;
	if (queue_standing(&j->queue, f->standing, &f->standing_n) != ERR_OK)
		f->standing_n = 0;
}

static void put_one(struct metric_text *t, const struct metric *row, const char *kind, uint64_t n)
{
	struct buf labels;

	buf_init(&labels, LABELS_MAX);
	metric_label(&labels, row->by, str_from(kind));
	metric_put(t, row, labels.p, n);
	buf_finish(&labels);
}

static void put_standing(struct metric_text *t, const struct jobs_figures *f)
{
	for (size_t i = 0; i < f->standing_n; i++)
		put_one(t, &jobs_kind_metrics[KIND_WAITING], f->standing[i].kind,
			f->standing[i].waiting);
	for (size_t i = 0; i < f->standing_n; i++)
		put_one(t, &jobs_kind_metrics[KIND_DEAD], f->standing[i].kind, f->standing[i].dead);
}

static void put_kinds(struct metric_text *t, const struct queue *q)
{
	uint64_t n;

	for (const struct metric *m = jobs_kind_metrics; m->name; m++)
		for (size_t k = 0; m->offset != METRIC_NOWHERE && k < q->kinds_count; k++) {
			memcpy(&n, (const char *)&q->kinds[k] + m->offset, sizeof(n));
			put_one(t, m, q->kinds[k].name, n);
		}
}

void jobs_figures_put(void *jobs, bool open_metrics, struct buf *out)
{
	struct jobs *j = jobs;
	struct metric_text t = { out, open_metrics, JOBS_METRICS_PREFIX, NULL };
	const pid_t self = getpid();
	const struct process_figures process = process_figures_of(&self, 1);

	look_when_due(j, &j->figures.outbox_look, OFTEN_MS, SHARE_OFTEN, at_outbox);
	look_when_due(j, &j->figures.queue_look, OFTEN_MS, SHARE_OFTEN, at_queue);
	look_when_due(j, &j->figures.installation_look, SELDOM_MS, SHARE_SELDOM, at_installation);
	const struct figures f = { *pg_counters(j->outbox.service.pg),
		*redis_counters(j->outbox.redis), j->outbox.figures, j->figures.outbox,
		j->figures.installation, queue_running(&j->queue) };

	process_figures_put(&t, "dialtone-jobs", j->version, &process);
	metric_put_rows(&t, jobs_metrics, &f);
	put_standing(&t, &j->figures);
	put_kinds(&t, &j->queue);
	metric_end(&t);
}

const char *jobs_missing(void *jobs)
{
	struct jobs *j = jobs;
	enum err e = pg_ping(j->outbox.service.pg, PING_MS);

	if (e != ERR_OK)
		return e == ERR_INTERNAL ? "schema" : "postgresql";
	arena_reset(j->outbox.service.arena);
	return redis_ping(j->outbox.redis, j->outbox.service.arena) == ERR_OK ? NULL : "redis";
}
