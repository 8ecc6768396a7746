/*
 * What was asked ahead: of each asker the print of the question (its statements and values, as they are sent), and
 * the answers once they are there.  The same question later has them.
 *
 * All travel in one exchange.  Behind one that has to stand apart there is a Sync of its own, so that what it sets for
 * a transaction ends there; those in between share one, and a failure in it costs the others no more than that they
 * are asked again.
 */
#include "pg_priv.h"

#include <string.h>

#define PRINTS_MAX ((size_t)256 << 10)

static void add_value(struct buf *print, const struct pg_params *p, int i)
{
	const char *value = p->values[i];
	int n = !value ? -1 : p->formats[i] ? p->lengths[i] : (int)strlen(value);

	buf_add(print, &n, sizeof(n));
	if (n > 0)
		buf_add(print, value, (size_t)n);
}

static void add_print(
	struct buf *print, const struct pg_call *calls, const struct pg_params *params, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_add(print, &calls[i].stmt, sizeof(calls[i].stmt));
		for (int k = 0; k < params[i].count; k++)
			add_value(print, &params[i], k);
	}
}

void ahead_init(struct ahead *a)
{
	buf_init(&a->prints, PRINTS_MAX);
	buf_init(&a->look, PRINTS_MAX);
}

void ahead_finish(struct ahead *a)
{
	ahead_forget(a);
	buf_finish(&a->prints);
	buf_finish(&a->look);
}

static void forget_answers(struct ahead_question *q)
{
	for (size_t i = 0; i < q->answered; i++)
		PQclear(q->answers[i]);
	q->answered = 0;
}

void ahead_forget(struct ahead *a)
{
	for (size_t i = 0; i < a->n; i++)
		forget_answers(&a->questions[i]);
	a->n = 0;
	a->asked = false;
	buf_wipe(&a->prints);
	buf_wipe(&a->look);
}

static bool queue(struct pg *pg, const struct pg_call *calls, size_t n, bool apart)
{
	bool sent = true;

	for (size_t i = 0; i < n && sent; i++)
		sent = params_send(pg, calls[i].stmt, &pg->params[i]);
	return sent && (!apart || PQpipelineSync(pg->conn));
}

void ahead_add(struct pg *pg, const struct pg_call *calls, size_t n, bool apart)
{
	struct ahead *a = &pg->ahead;
	struct ahead_question *q = &a->questions[a->n];
	size_t start = a->prints.n;

	add_print(&a->prints, calls, pg->params, n);
	if (a->prints.overflow)
		return;
	if (!queue(pg, calls, n, apart)) {
		connection_lost(pg, PQerrorMessage(pg->conn));
		ahead_forget(a);
		return;
	}
	*q = (struct ahead_question){ .start = start, .end = a->prints.n, .n = n, .apart = apart };
	a->n++;
}

/* A question that was not answered whole is asked again by its asker, who is told what is wrong then. */
static void keep_whole(struct ahead_question *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (!result_is_well(q->answers[i])) {
			forget_answers(q);
			return;
		}
}

/* Questions of one Sync, from first up to end. */
static enum err collect(struct pg *pg, struct ahead_question *first,
	const struct ahead_question *end, int64_t deadline_ms)
{
	PGresult *results[PG_AHEAD_MAX * PG_CALLS_MAX];
	size_t n = 0;

	for (struct ahead_question *q = first; q < end; q++)
		n += q->n;
	enum err e = connection_collect(pg, deadline_ms, results, n);

	if (e != ERR_OK)
		return e;
	n = 0;
	for (struct ahead_question *q = first; q < end; q++) {
		memcpy(q->answers, results + n, q->n * sizeof(results[0]));
		q->answered = q->n;
		n += q->n;
		keep_whole(q);
	}
	return ERR_OK;
}

void ahead_ask(struct pg *pg)
{
	struct ahead *a = &pg->ahead;
	struct ahead_question *first = a->questions, *end = first + a->n;

	if (a->n == 0 || a->asked)
		return;
	a->asked = true;
	enum err e = end[-1].apart ? ERR_OK : connection_sync(pg);
	const int64_t deadline_ms = connection_query_deadline(pg);

	for (struct ahead_question *q = first; q < end && e == ERR_OK; q++)
		if (q->apart || q + 1 == end) {
			e = collect(pg, first, q + 1, deadline_ms);
			first = q + 1;
		}
}

/* To the question whose print is in a->look. */
static bool is_answer(const struct ahead *a, const struct ahead_question *q, size_t n)
{
	return q->answered == n && q->end - q->start == a->look.n &&
	       memcmp(a->prints.p + q->start, a->look.p, a->look.n) == 0;
}

bool ahead_take(struct pg *pg, const struct pg_call *calls, size_t n, PGresult **ret)
{
	struct ahead *a = &pg->ahead;

	if (a->n == 0 || pg->tx != TX_NONE)
		return false;
	buf_clear(&a->look);
	add_print(&a->look, calls, pg->params, n);
	for (struct ahead_question *q = a->questions; q < a->questions + a->n; q++)
		if (is_answer(a, q, n)) {
			memcpy(ret, q->answers, n * sizeof(ret[0]));
			q->answered = 0;
			return true;
		}
	return false;
}
