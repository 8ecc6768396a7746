#include "queue_priv.h"

#include "base/clock.h"
#include "base/mem.h"
#include "outgoing/transfers.h"

#define RUN_ARENA       2048
#define LOOK_EVERY_MS   200
#define EXPIRE_EVERY_MS 5000
#define FAILURE_MAX_MS  1000
#define RENEWALS        3 /* in the time of a claim */
#define MINUTE_MS       60000

static void begin(struct queue *q, size_t place, const struct claimed *c)
{
	struct run *r = mem_alloc(sizeof(*r));
	struct arena *arena = arena_new(RUN_ARENA);
	struct job *job = &r->attempt.job;

	r->queue = q;
	r->place = place;
	r->attempt = (struct attempt){ .service = q->service,
		.settings = q->settings,
		.outgoing = q->outgoing,
		.shared = q->shared,
		.transfers = q->transfers,
		.job = c->job,
		.ended = queue_on_end };
	r->attempt.service.arena = arena;
	job->kind = arena_strdup(arena, job->kind);
	job->domain = arena_strdup(arena, job->domain);
	job->mark = arena_strdup(arena, job->mark);
	if (job->request_id)
		job->request_id = arena_strdup(arena, job->request_id);
	if (job->payload)
		job->payload = arena_strdup(arena, job->payload);
	list_add_tail(&q->runs, &r->link);
	q->running[place]++;
	if (job_open(&r->attempt.service, job) != ERR_OK || !job->payload)
		attempt_give_up(&r->attempt, "No key of the keys file opens its payload.");
	else
		q->backends[place]->start(&r->attempt);
}

/* Not now: its space has had as many as it may have in a minute. */
static enum err put_off(struct queue *q, size_t place, const struct claimed *c, int64_t wait_ms)
{
	const struct next_try next = { c->job.id, c->job.attempts, wait_ms, NULL };
	enum err e = queue_store_release(&q->service, &next);

	queue_note_paced(q, c->job.kind, c->job.domain, q->backends[place]);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static bool same_space(const struct claimed *a, const struct claimed *b)
{
	return str_is(str_from(a->job.domain), b->job.domain);
}

/* Those of the space of the first one that have no time yet get theirs; done are marked so in `paced`. */
static enum err pace_space(struct queue *q, size_t place, struct claimed *first, size_t n)
{
	const struct backend *backend = q->backends[place];
	int64_t each_ms = MINUTE_MS / backend->limits(q->settings).space_a_minute, count = 0, at;
	enum err e;

	for (size_t i = 0; i < n; i++)
		count += !first[i].paced && same_space(first, &first[i]);
	e = queue_store_pace(&q->service, backend->name, first->job.domain, count, each_ms, &at);
	for (size_t i = n; e == ERR_OK && i-- > 0;) {
		if (first[i].paced || !same_space(first, &first[i]))
			continue;
		first[i].paced = true;
		count--;
		if (at + count * each_ms > MINUTE_MS - each_ms) {
			e = put_off(
				q, place, &first[i], at + count * each_ms + each_ms - MINUTE_MS);
			first[i].job.id = 0;
		}
	}
	return e;
}

static enum err pace(struct queue *q, size_t place, struct claimed *claimed, size_t n)
{
	enum err e = ERR_OK;

	if (q->backends[place]->limits(q->settings).space_a_minute == 0)
		return ERR_OK;
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		if (!claimed[i].paced)
			e = pace_space(q, place, &claimed[i], n - i);
	return e;
}

static size_t running_of(const struct queue *q, size_t place, const char *domain)
{
	size_t n = 0;

	LIST_FOR_EACH(r, &q->runs, struct run, link)
		n += r->place == place && str_is(str_from(r->attempt.job.domain), domain);
	return n;
}

static size_t busy_spaces(struct queue *q, size_t place, int64_t share, const char ***ret)
{
	const char **names =
		arena_alloc(q->service.arena, (q->running[place] + 1) * sizeof(*names));
	size_t n = 0;

	LIST_FOR_EACH(r, &q->runs, struct run, link)
		if (r->place == place &&
			(int64_t)running_of(q, place, r->attempt.job.domain) >= share)
			names[n++] = r->attempt.job.domain;
	*ret = names;
	return n;
}

static enum err claim(struct queue *q, size_t place)
{
	struct backend_limits limits = q->backends[place]->limits(q->settings);
	struct claiming c = { .backend = q->backends[place]->name,
		.limit = limits.at_once - (int64_t)q->running[place],
		.space_limit = limits.space_at_once,
		.claim_s = q->settings->claim_s };
	struct claimed *claimed;
	const char **busy;
	size_t n;
	enum err e;

	q->full[place] = false;
	if (c.limit <= 0)
		return ERR_OK;
	c.busy_count = busy_spaces(q, place, limits.space_at_once, &busy);
	c.busy = busy;
	e = queue_store_claim(&q->service, &c, &claimed, &n);
	if (e == ERR_OK)
		e = pace(q, place, claimed, n);
	if (e != ERR_OK)
		return e;
	q->full[place] = n > 0;
	for (size_t i = 0; i < n; i++)
		if (claimed[i].job.id)
			begin(q, place, &claimed[i]);
	return ERR_OK;
}

static bool has_slots(const struct queue *q, size_t place)
{
	return (int64_t)q->running[place] < q->backends[place]->limits(q->settings).at_once;
}

static bool is_set_up(const struct queue *q, size_t place)
{
	const struct backend *b = q->backends[place];

	return b->is_set_up && b->is_set_up(q->settings);
}

static enum err look(struct queue *q, bool due)
{
	enum err e = ERR_OK;

	for (size_t i = 0; q->backends[i] && e == ERR_OK; i++)
		if (is_set_up(q, i) && (due || q->full[i]))
			e = claim(q, i);
	return e;
}

static enum err renew(struct queue *q)
{
	int64_t *ids, *attempts;
	size_t n = queue_ids(q, false, &ids, &attempts);

	return n ? queue_store_renew(&q->service, ids, attempts, n, q->settings->claim_s) : ERR_OK;
}

static enum err expire(struct queue *q)
{
	struct expired *expired;
	size_t n;
	enum err e = queue_store_expire(&q->service, &expired, &n);

	for (size_t i = 0; e == ERR_OK && i < n; i++) {
		queue_kind(q, expired[i].kind)->dead += (uint64_t)expired[i].n;
		queue_log_expired(expired[i].kind, expired[i].n);
	}
	return e;
}

static enum err timed(struct queue *q, int64_t now)
{
	enum err e = ERR_OK;

	if (now >= q->renew_ms) {
		q->renew_ms = now + q->settings->claim_s * 1000 / RENEWALS;
		e = renew(q);
	}
	if (e == ERR_OK && now >= q->expire_ms) {
		q->expire_ms = now + EXPIRE_EVERY_MS;
		e = expire(q);
	}
	return e;
}

/* What was claimed as a connection broke off is claimed anew when the claim is over. */
static enum err work(struct queue *q, bool woken, int64_t now)
{
	bool due = woken || now >= q->look_ms;
	enum err e = queue_write_ends(q);

	if (e == ERR_OK)
		e = timed(q, now);
	if (e != ERR_OK || q->stopping)
		return e;
	e = look(q, due);
	if (due)
		q->look_ms = now + LOOK_EVERY_MS;
	return e == ERR_OK ? queue_write_ends(q) : e;
}

static int64_t failure_wait(struct queue *q)
{
	int64_t ms = (int64_t)LOOK_EVERY_MS << (q->failures < 3 ? q->failures : 3);

	q->failures++;
	return ms < FAILURE_MAX_MS ? ms : FAILURE_MAX_MS;
}

static bool more_waits(const struct queue *q)
{
	for (size_t i = 0; q->backends[i]; i++)
		if (q->full[i] && has_slots(q, i))
			return !q->stopping;
	return false;
}

int queue_step(struct queue *q, bool woken, int max_ms)
{
	int64_t now = clock_ms();

	if (!q->runs.next)
		list_init(&q->runs);
	arena_reset(q->service.arena);
	transfers_run(q->transfers);
	if (q->failures && now < q->look_ms)
		return transfers_wait_ms(q->transfers, max_ms);
	if (work(q, woken, now) != ERR_OK) {
		q->look_ms = now + failure_wait(q);
		return transfers_wait_ms(q->transfers, max_ms);
	}
	q->failures = 0;
	return more_waits(q) ? 0 : transfers_wait_ms(q->transfers, max_ms);
}

bool queue_stop(struct queue *q)
{
	q->stopping = true;
	return q->runs.next && !list_is_empty(&q->runs);
}

void queue_finish(struct queue *q)
{
	transfers_free(&q->transfers);
	if (!q->runs.next)
		return;
	arena_reset(q->service.arena);
	if (queue_write_ends(q) != ERR_OK)
		q->failures++;
	LIST_FOR_EACH(r, &q->runs, struct run, link) {
		const struct next_try next = { r->attempt.job.id, r->attempt.job.attempts, 0,
			NULL };

		if (q->failures == 0 && queue_store_release(&q->service, &next) == ERR_UNAVAILABLE)
			q->failures++;
		run_free(r);
	}
}
