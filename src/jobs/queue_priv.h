/* What the files of the queue share: a claimed job on its way, and the statements. */
#ifndef DIALTONE_JOBS_QUEUE_PRIV_H
#define DIALTONE_JOBS_QUEUE_PRIV_H

#include "base/list.h"
#include "delivery/backend.h"
#include "jobs/queue.h"

struct run {
	struct attempt attempt;
	struct list link;
	struct queue *queue;
	size_t place; /* of its back end */
	bool ended;   /* its end is to be written */
	enum attempt_result result;
	int64_t after_s;
	char reason[ATTEMPT_REASON_SIZE];
};

/* A job claimed: job_payload_fields, and whether its space's rate limit let it through before. */
struct claimed {
	struct job job;
	bool paced;
};

struct claiming {
	const char *backend;
	const char *const *busy; /* spaces that have their share of this process */
	size_t busy_count;
	int64_t limit, space_limit, claim_s;
};

/* Those of a back end that are due, theirs alone for claim_s seconds. In the arena. */
MUST_CHECK enum err queue_store_claim(
	struct service *s, const struct claiming *c, struct claimed **ret, size_t *ret_count);
/* Another claim_s seconds for these. */
MUST_CHECK enum err queue_store_renew(
	struct service *s, const int64_t *ids, const int64_t *attempts, size_t n, int64_t claim_s);
/* Done: they are gone. */
MUST_CHECK enum err queue_store_done(
	struct service *s, const int64_t *ids, const int64_t *attempts, size_t n);

/* How a job goes on. */
struct next_try {
	int64_t id, attempts; /* that began */
	int64_t wait_ms;
	const char *failure;
};
/* After a failure. *ret_dead: it is given up, or expires before. ERR_NOT_FOUND: the claim is lost. */
MUST_CHECK enum err queue_store_later(
	struct service *s, const struct next_try *next, bool give_up, bool *ret_dead);
/* As if it had not begun; paced: not asked again. ERR_NOT_FOUND likewise. */
MUST_CHECK enum err queue_store_release(struct service *s, const struct next_try *next);

/* Reserves n times, each_ms apart, for jobs of a space. *ret_ms: until the first one, not below 0. */
MUST_CHECK enum err queue_store_pace(struct service *s, const char *backend, const char *domain,
	int64_t n, int64_t each_ms, int64_t *ret_ms);
/* What has expired is dead; how many of each kind. */
struct expired {
	const char *kind;
	int64_t n;
};
MUST_CHECK enum err queue_store_expire(struct service *s, struct expired **ret, size_t *ret_count);

/* queue_end.c: what attempts end with. */

void run_free(struct run *r);
/* struct attempt, .ended */
void queue_on_end(struct attempt *a, const struct attempt_end *end);
/* Writes the ends there are, and frees what has ended. */
MUST_CHECK enum err queue_write_ends(struct queue *q);
/* Of those whose end is to be written, DONE; else of those that run or whose end is another. In the arena. */
size_t queue_ids(struct queue *q, bool done, int64_t **ret_ids, int64_t **ret_attempts);

/* queue_figures.c: counted and logged. */

struct kind_figures *queue_kind(struct queue *q, const char *kind);
void queue_note_paced(
	struct queue *q, const char *kind, const char *domain, const struct backend *backend);
void queue_note_done(struct queue *q, const struct run *r);
void queue_note_failure(struct queue *q, const struct run *r, bool dead, int64_t wait_ms);
void queue_log_expired(const char *kind, int64_t n);

/* How many wait and how many are dead, by kind. */
struct standing {
	const char *kind;
	int64_t waiting, dead;
};
MUST_CHECK enum err queue_store_standing(
	struct service *s, int64_t limit, struct standing **ret, size_t *ret_count);

#endif
