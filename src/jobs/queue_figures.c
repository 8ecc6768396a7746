#include "queue_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "jobs/standing.h"

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

enum err queue_standing(struct queue *q, struct job_standing *ret, size_t *ret_count)
{
	struct standing *rows;
	size_t n;

	arena_reset(q->service.arena);
	enum err e = queue_store_standing(&q->service, QUEUE_KINDS_MAX, &rows, &n);

	for (size_t i = 0; e == ERR_OK && i < n; i++) {
		snprintf(ret[i].kind, sizeof(ret[i].kind), "%s", rows[i].kind);
		ret[i].waiting = (uint64_t)rows[i].waiting;
		ret[i].dead = (uint64_t)rows[i].dead;
	}
	if (e == ERR_OK)
		*ret_count = n;
	return e;
}

uint64_t queue_running(const struct queue *q)
{
	uint64_t n = 0;

	for (size_t i = 0; i < QUEUE_BACKENDS_MAX; i++)
		n += q->running[i];
	return n;
}
