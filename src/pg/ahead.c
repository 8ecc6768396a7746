/*
 * What was asked ahead: of each asker the print of the question (its statements and values, as they are sent), and
 * the answers once they are there.  The same question later has them.
 *
 * All travel in one exchange.  Behind one that has to stand apart there is a Sync of its own, so that what it sets for
 * a transaction ends there; those in between share one, and a failure in it costs the others no more than that they
 * are asked again.  What several of those ask alike, as requests with one key do, is sent once.
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

static void add_print(struct buf *print, const struct pg_call *call, const struct pg_params *params)
{
	buf_add(print, &call->stmt, sizeof(call->stmt));
	for (int i = 0; i < params->count; i++)
		add_value(print, params, i);
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

void ahead_forget(struct ahead *a)
{
	for (size_t i = 0; i < a->calls_n; i++)
		PQclear(a->calls[i].answer);
	a->n = a->calls_n = a->together = 0;
	a->asked = false;
	buf_wipe(&a->prints);
	buf_wipe(&a->look);
}

static bool is_same(const struct ahead *a, const struct ahead_call *x, const struct ahead_call *y)
{
	return x->end - x->start == y->end - y->start &&
	       memcmp(a->prints.p + x->start, a->prints.p + y->start, x->end - x->start) == 0;
}

/* Among those in front of the same Sync: behind it another may have been set. */
static size_t first_same(const struct ahead *a, size_t call)
{
	size_t i = a->together;

	while (i < call && !is_same(a, &a->calls[i], &a->calls[call]))
		i++;
	return i;
}

static bool add_calls(struct pg *pg, const struct pg_call *calls, size_t n)
{
	struct ahead *a = &pg->ahead;

	for (size_t i = 0; i < n; i++) {
		struct ahead_call *c = &a->calls[a->calls_n + i];

		*c = (struct ahead_call){ .start = a->prints.n };
		add_print(&a->prints, &calls[i], &pg->params[i]);
		c->end = a->prints.n;
	}
	return !a->prints.overflow;
}

static bool send_new(struct pg *pg, const struct pg_call *calls, const struct ahead_question *q)
{
	struct ahead *a = &pg->ahead;
	bool sent = true;

	for (size_t i = 0; i < q->n && sent; i++) {
		size_t at = (size_t)(q->calls - a->calls) + i;

		q->calls[i].same = q->apart ? at : first_same(a, at);
		if (q->calls[i].same == at)
			sent = params_send(pg, calls[i].stmt, &pg->params[i]);
	}
	return sent && (!q->apart || PQpipelineSync(pg->conn));
}

void ahead_add(struct pg *pg, const struct pg_call *calls, size_t n, bool apart)
{
	struct ahead *a = &pg->ahead;
	struct ahead_question *q = &a->questions[a->n];

	if (!add_calls(pg, calls, n))
		return;
	*q = (struct ahead_question){ .calls = a->calls + a->calls_n, .n = n, .apart = apart };
	if (!send_new(pg, calls, q)) {
		connection_lost(pg, PQerrorMessage(pg->conn));
		ahead_forget(a);
		return;
	}
	a->n++;
	a->calls_n += n;
	if (apart)
		a->together = a->calls_n;
}

/* A question that was not answered whole is asked again by its asker, who is told what is wrong then. */
static bool is_whole(const struct ahead_question *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (!q->calls[i].answer || !result_is_well(q->calls[i].answer))
			return false;
	return true;
}

/* A copy is always well, whatever it is one of. */
static PGresult *copy_of(const PGresult *answer)
{
	return answer && result_is_well(answer)
		       ? PQcopyResult(answer, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES)
		       : NULL;
}

/* Questions of one Sync, from first up to end. */
static enum err collect(struct pg *pg, struct ahead_question *first, struct ahead_question *end,
	int64_t deadline_ms)
{
	struct ahead *a = &pg->ahead;
	const struct ahead_call *last = end[-1].calls + end[-1].n;
	PGresult *results[PG_AHEAD_MAX * PG_CALLS_MAX];
	size_t n = 0;

	for (struct ahead_call *c = first->calls; c < last; c++)
		n += &a->calls[c->same] == c;
	enum err e = connection_collect(pg, deadline_ms, results, n);

	if (e != ERR_OK)
		return e;
	n = 0;
	for (struct ahead_call *c = first->calls; c < last; c++)
		c->answer =
			&a->calls[c->same] == c ? results[n++] : copy_of(a->calls[c->same].answer);
	for (struct ahead_question *q = first; q < end; q++)
		q->is_answered = is_whole(q);
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
	if (!q->is_answered || q->n != n)
		return false;
	size_t start = q->calls[0].start, size = q->calls[n - 1].end - start;

	return size == a->look.n && memcmp(a->prints.p + start, a->look.p, size) == 0;
}

static void take(struct ahead_question *q, PGresult **ret)
{
	for (size_t i = 0; i < q->n; i++) {
		ret[i] = q->calls[i].answer;
		q->calls[i].answer = NULL;
	}
	q->is_answered = false;
}

bool ahead_take(struct pg *pg, const struct pg_call *calls, size_t n, PGresult **ret)
{
	struct ahead *a = &pg->ahead;

	if (a->n == 0 || pg->tx != TX_NONE)
		return false;
	buf_clear(&a->look);
	for (size_t i = 0; i < n; i++)
		add_print(&a->look, &calls[i], &pg->params[i]);
	for (struct ahead_question *q = a->questions; q < a->questions + a->n; q++)
		if (is_answer(a, q, n)) {
			take(q, ret);
			return true;
		}
	return false;
}
