#include "queue_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define NAME       "dialtone_jobs_"
#define OTHER_KIND "other"

/* Beyond so many kinds they are counted together. */
struct kind_figures *queue_kind(struct queue *q, const char *kind)
{
	for (size_t i = 0; i < q->kinds_count; i++)
		if (strcmp(q->kinds[i].name, kind) == 0)
			return &q->kinds[i];
	if (q->kinds_count == QUEUE_KINDS_MAX)
		return &q->kinds[QUEUE_KINDS_MAX - 1];
	struct kind_figures *k = &q->kinds[q->kinds_count++];

	snprintf(k->name, sizeof(k->name), "%s",
		q->kinds_count == QUEUE_KINDS_MAX ? OTHER_KIND : kind);
	return k;
}

void queue_note_paced(
	struct queue *q, const char *kind, const char *domain, const struct backend *backend)
{
	uint64_t left_out;

	queue_kind(q, kind)->paced++;
	if (sample_take(&q->paced, clock_ms(), &left_out))
		log_fields(LOG_LEVEL_WARN, "job_put_off",
			"kind=%s domain=%s setting=%s left_out=%" PRIu64, kind, domain,
			backend->limits(q->settings).setting, left_out);
}

void queue_note_failure(struct queue *q, const struct run *r, bool dead, int64_t wait_ms)
{
	const struct job *job = &r->attempt.job;
	struct kind_figures *k = queue_kind(q, job->kind);
	uint64_t left_out;

	if (dead)
		k->dead++;
	else
		k->retried++;
	if (!sample_take(&q->failed, clock_ms(), &left_out))
		return;
	char reason[2 * ATTEMPT_REASON_SIZE];

	log_set_request(job->request_id);
	log_fields(LOG_LEVEL_WARN, dead ? "job_given_up" : "job_failed",
		"id=%" PRId64 " kind=%s domain=%s attempts=%" PRId64 " again_in_s=%" PRId64
		" reason=%s left_out=%" PRIu64,
		job->id, job->kind, job->domain, job->attempts, dead ? 0 : wait_ms / 1000,
		log_quote(reason, sizeof(reason), str_from(r->reason)), left_out);
	log_set_request(NULL);
}

void queue_note_done(struct queue *q, const struct run *r)
{
	const struct job *job = &r->attempt.job;

	queue_kind(q, job->kind)->done++;
	log_set_request(job->request_id);
	log_fields(LOG_LEVEL_INFO, "job_done", "id=%" PRId64 " kind=%s domain=%s attempts=%" PRId64,
		job->id, job->kind, job->domain, job->attempts);
	log_set_request(NULL);
}

void queue_log_expired(const char *kind, int64_t n)
{
	log_info("%" PRId64 " jobs (%s) expired", n, kind);
}

struct figures_row {
	const char *name, *type, *help;
	size_t offset; /* in struct kind_figures */
};

static const struct figures_row counters[] = {
	{ "done", "counter", "Jobs carried out, by kind", offsetof(struct kind_figures, done) },
	{ "retried", "counter", "Attempts that failed and are made again, by kind",
		offsetof(struct kind_figures, retried) },
	{ "given_up", "counter", "Jobs given up or expired, by kind",
		offsetof(struct kind_figures, dead) },
	{ "put_off", "counter", "Jobs that waited for the rate limit of their space, by kind",
		offsetof(struct kind_figures, paced) },
};

static void head(struct buf *out, bool open_metrics, const struct figures_row *row)
{
	if (open_metrics)
		buf_printf(out, "# TYPE " NAME "%s %s\n# HELP " NAME "%s %s\n", row->name,
			row->type, row->name, row->help);
}

static void line(struct buf *out, bool open_metrics, const struct figures_row *row,
	const char *kind, uint64_t n)
{
	if (open_metrics)
		buf_printf(out, NAME "%s%s{kind=\"%s\"} %" PRIu64 "\n", row->name,
			strcmp(row->type, "counter") == 0 ? "_total" : "", kind, n);
	else
		buf_printf(out, "%s\tkind=\"%s\"\t%" PRIu64 "\n", row->name, kind, n);
}

static void put_standing(struct queue *q, bool open_metrics, struct buf *out)
{
	static const struct figures_row waiting = { "waiting", "gauge",
		"Jobs that wait or run, of all processes, by kind", 0 },
					dead = { "dead", "gauge",
						"Jobs given up or expired that are kept, by kind",
						0 };
	struct standing *rows;
	size_t n;

	arena_reset(q->service.arena);
	if (queue_store_standing(&q->service, QUEUE_KINDS_MAX, &rows, &n) != ERR_OK)
		return;
	head(out, open_metrics, &waiting);
	for (size_t i = 0; i < n; i++)
		line(out, open_metrics, &waiting, rows[i].kind, (uint64_t)rows[i].waiting);
	head(out, open_metrics, &dead);
	for (size_t i = 0; i < n; i++)
		line(out, open_metrics, &dead, rows[i].kind, (uint64_t)rows[i].dead);
}

void queue_figures_put(void *arg, bool open_metrics, struct buf *out)
{
	struct queue *q = arg;

	put_standing(q, open_metrics, out);
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		head(out, open_metrics, &counters[i]);
		for (size_t k = 0; k < q->kinds_count; k++)
			line(out, open_metrics, &counters[i], q->kinds[k].name,
				*(const uint64_t *)(const void *)((const char *)&q->kinds[k] +
								  counters[i].offset));
	}
	if (open_metrics)
		buf_add_str(out, "# EOF\n");
}
