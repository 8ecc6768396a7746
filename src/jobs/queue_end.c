#include "queue_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "crypto/random.h"

#define DOUBLINGS_MAX 20
#define JITTER        1024

void run_free(struct run *r)
{
	list_remove(&r->link);
	r->queue->running[r->place]--;
	/* One of its space may have waited for the place. */
	r->queue->full[r->place] = true;
	arena_free(&r->attempt.service.arena);
	free(r);
}

/* On one line, and text: peers say what they like. */
static void reason_keep(char *to, const char *reason)
{
	size_t n = strlen(reason);
	bool is_text = utf8_is_valid(reason, n);

	if (n >= ATTEMPT_REASON_SIZE)
		n = ATTEMPT_REASON_SIZE - 1;
	while (is_text && n > 0 && !utf8_is_valid(reason, n))
		n--;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)reason[i];

		to[i] = c < ' ' || c == 0x7f ? ' ' : c >= 0x80 && !is_text ? '?' : reason[i];
	}
	to[n] = '\0';
}

void queue_on_end(struct attempt *a, const struct attempt_end *end)
{
	struct run *r = LIST_ENTRY(a, struct run, attempt);

	r->ended = true;
	r->result = end->result;
	r->after_s = end->after_s;
	if (end->reason)
		reason_keep(r->reason, end->reason);
}

/* Half of it to all of it, so that what failed together does not come back together. */
static int64_t jittered(int64_t ms)
{
	uint16_t at;

	random_bytes(&at, sizeof(at));
	return ms / 2 + ms / 2 * (at % JITTER) / JITTER;
}

static int64_t wait_ms(const struct delivery_settings *s, const struct run *r)
{
	int64_t doublings = r->attempt.job.attempts - 1;
	int64_t seconds = s->retry_s << (doublings < DOUBLINGS_MAX ? doublings : DOUBLINGS_MAX);

	if (seconds > s->retry_max_s)
		seconds = s->retry_max_s;
	seconds = jittered(seconds * 1000);
	return seconds > r->after_s * 1000 ? seconds : r->after_s * 1000;
}

static enum err write_failure(struct queue *q, struct run *r)
{
	const struct job *job = &r->attempt.job;
	const struct next_try next = { job->id, job->attempts, wait_ms(q->settings, r), r->reason };
	bool dead, give_up = r->result == ATTEMPT_GIVE_UP ||
			     job->attempts >= q->settings->attempts_max;
	enum err e = queue_store_later(&q->service, &next, give_up, &dead);

	/* Deleted meanwhile with its account, or another's since the claim was over. */
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	if (e == ERR_OK)
		queue_note_failure(q, r, dead, next.wait_ms);
	return e;
}

size_t queue_ids(struct queue *q, bool done, int64_t **ret_ids, int64_t **ret_attempts)
{
	size_t n = 0, size = 1;

	LIST_FOR_EACH(r, &q->runs, struct run, link)
		size++;
	*ret_ids = arena_alloc(q->service.arena, size * sizeof(**ret_ids));
	*ret_attempts = arena_alloc(q->service.arena, size * sizeof(**ret_attempts));
	LIST_FOR_EACH(r, &q->runs, struct run, link)
		if ((r->ended && r->result == ATTEMPT_DONE) == done) {
			(*ret_ids)[n] = r->attempt.job.id;
			(*ret_attempts)[n++] = r->attempt.job.attempts;
		}
	return n;
}

static enum err write_done(struct queue *q)
{
	int64_t *ids, *attempts;
	size_t n = queue_ids(q, true, &ids, &attempts);
	enum err e = n ? queue_store_done(&q->service, ids, attempts, n) : ERR_OK;

	if (e != ERR_OK)
		return e;
	LIST_FOR_EACH(r, &q->runs, struct run, link)
		if (r->ended && r->result == ATTEMPT_DONE) {
			queue_note_done(q, r);
			run_free(r);
		}
	return ERR_OK;
}

enum err queue_write_ends(struct queue *q)
{
	enum err e = write_done(q);

	LIST_FOR_EACH(r, &q->runs, struct run, link)
		if (e == ERR_OK && r->ended && r->result != ATTEMPT_DONE) {
			e = write_failure(q, r);
			if (e == ERR_OK)
				run_free(r);
		}
	return e;
}
