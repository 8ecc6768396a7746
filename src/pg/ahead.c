/*
 * What was asked ahead: of each asker the print of the question (its statements and values, as they are sent), and
 * the answers once they are there.  The same question later has them.
 *
 * All travel in one exchange.  Those that may share a transaction share one Sync: what several of them ask alike, as
 * requests with one key do, is sent once, and what they ask of one statement with values of their own goes out as its
 * statement of many.  A failure among them costs the others no more than that they are asked again; but a lock that a
 * statement was not given in time is the answer to all that ask it, as each would have had it alone.  Each one that has
 * to stand apart comes behind them with a Sync of its own, so that what it sets for a transaction ends there.
 */
#include "pg_priv.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#define PRINTS_MAX ((size_t)256 << 10)
/* No value becomes more than twice as long in an array, and what stands around it is less than what stands before it
 * in a print. */
#define LOOK_MAX (2 * PRINTS_MAX + 4 * PG_PARAMS_MAX)
#define NOT_SENT SIZE_MAX

/* Before each value in a print; behind it there is a NUL, that is not counted. */
struct value_head {
	int n; /* -1: NULL */
	int format;
};

static void add_value(struct buf *print, const struct pg_params *p, int i)
{
	const char *value = p->values[i];
	const struct value_head head = { .n = !value          ? -1
					      : p->formats[i] ? p->lengths[i]
							      : (int)strlen(value),
		.format = p->formats[i] };

	buf_add(print, &head, sizeof(head));
	if (head.n < 0)
		return;
	buf_add(print, value, (size_t)head.n);
	buf_add_char(print, '\0');
}

static void add_print(struct buf *print, const struct pg_params *params)
{
	buf_add(print, &params->stmt, sizeof(params->stmt));
	for (int i = 0; i < params->count; i++)
		add_value(print, params, i);
}

static const struct completed *stmt_of(const struct ahead *a, const struct ahead_call *c)
{
	const struct completed *stmt;

	memcpy(&stmt, a->prints.p + c->start, sizeof(stmt));
	return stmt;
}

/* Reads a value of a print and goes on to the next one; NULL for NULL. */
static const char *next_value(const char **at, struct value_head *ret)
{
	const char *value = *at + sizeof(*ret);

	memcpy(ret, *at, sizeof(*ret));
	*at = value + (ret->n < 0 ? 0 : ret->n + 1);
	return ret->n < 0 ? NULL : value;
}

static const char *first_value(const struct ahead *a, const struct ahead_call *c)
{
	return a->prints.p + c->start + sizeof(const struct completed *);
}

void ahead_init(struct ahead *a)
{
	buf_init(&a->prints, PRINTS_MAX);
	buf_init(&a->look, LOOK_MAX);
}

void ahead_finish(struct ahead *a)
{
	ahead_forget(a);
	buf_finish(&a->prints);
	buf_finish(&a->look);
}

void ahead_forget(struct ahead *a)
{
	for (size_t i = 0; i < a->sent_n; i++)
		PQclear(a->sent[i].result);
	a->n = a->calls_n = a->sent_n = a->together = 0;
	a->asked = false;
	buf_wipe(&a->prints);
	buf_wipe(&a->look);
}

void ahead_add(struct pg *pg, size_t n, bool apart)
{
	struct ahead *a = &pg->ahead;
	struct ahead_call *calls = a->calls + a->calls_n;

	for (size_t i = 0; i < n; i++) {
		calls[i] = (struct ahead_call){ .start = a->prints.n, .sent = NOT_SENT };
		add_print(&a->prints, &pg->params[i]);
		calls[i].end = a->prints.n;
	}
	if (a->prints.overflow)
		return;
	a->questions[a->n++] = (struct ahead_question){ .calls = calls, .n = n, .apart = apart };
	a->calls_n += n;
}

static bool is_same(const struct ahead *a, const struct ahead_call *x, const struct ahead_call *y)
{
	return x->end - x->start == y->end - y->start &&
	       memcmp(a->prints.p + x->start, a->prints.p + y->start, x->end - x->start) == 0;
}

static void send_alone(struct ahead *a, struct ahead_call *c)
{
	c->sent = a->sent_n;
	c->place = 0;
	a->sent[a->sent_n++] = (struct ahead_sent){ .stmt = stmt_of(a, c), .places = 1 };
}

/* With one that asks the same, else with those that ask something else of a statement of many. */
static void send_together(struct ahead *a, struct ahead_call *c)
{
	const struct completed *stmt = stmt_of(a, c);

	for (const struct ahead_call *d = a->calls; d < c; d++)
		if (d->sent != NOT_SENT && is_same(a, d, c)) {
			c->sent = d->sent;
			c->place = d->place;
			return;
		}
	for (size_t i = 0; i < a->sent_n && stmt->of_many; i++)
		if (a->sent[i].stmt == stmt) {
			c->sent = i;
			c->place = a->sent[i].places++;
			return;
		}
	send_alone(a, c);
}

/* Those of each that stands apart come behind all others. */
static void arrange(struct ahead *a)
{
	const struct ahead_question *end = a->questions + a->n;

	for (const struct ahead_question *q = a->questions; q < end; q++)
		for (size_t i = 0; i < q->n && !q->apart; i++)
			send_together(a, &q->calls[i]);
	a->together = a->sent_n;
	for (const struct ahead_question *q = a->questions; q < end; q++)
		for (size_t i = 0; i < q->n && q->apart; i++)
			send_alone(a, &q->calls[i]);
}

/* The call in each place of what is sent, in their order: the first one of those that have it. */
static const struct ahead_call *in_place(
	const struct ahead *a, const struct ahead_sent *s, int place)
{
	const struct ahead_call *c = a->calls;

	while (c->sent != (size_t)(s - a->sent) || c->place != place)
		c++;
	return c;
}

static bool put_one(struct pg *pg, const struct ahead_sent *s)
{
	const struct ahead *a = &pg->ahead;
	struct pg_params *p = &pg->params[0];
	const char *at = first_value(a, in_place(a, s, 0));

	p->stmt = s->stmt;
	p->count = (int)s->stmt->count;
	for (int i = 0; i < p->count; i++) {
		struct value_head head;

		p->values[i] = next_value(&at, &head);
		p->lengths[i] = head.n;
		p->formats[i] = head.format;
	}
	return params_send(pg, p);
}

/* One array for each parameter, into a->look; starts: where they are. */
static void add_arrays(struct ahead *a, const struct ahead_sent *s, size_t *starts)
{
	const char *at[AHEAD_CALLS_MAX];

	for (int place = 0; place < s->places; place++)
		at[place] = first_value(a, in_place(a, s, place));
	for (size_t i = 0; i < s->stmt->count; i++) {
		starts[i] = a->look.n;
		for (int place = 0; place < s->places; place++) {
			struct value_head head;
			const char *value = next_value(&at[place], &head);

			buf_add_char(&a->look, place ? ',' : '{');
			array_add(&a->look, s->stmt->params[i].type, value, (size_t)head.n);
		}
		buf_add(&a->look, "}", sizeof("}"));
	}
	assert(!a->look.overflow);
}

static bool put_many(struct pg *pg, const struct ahead_sent *s)
{
	struct ahead *a = &pg->ahead;
	const char *values[PG_PARAMS_MAX];
	size_t starts[PG_PARAMS_MAX];

	add_arrays(a, s, starts);
	for (size_t i = 0; i < s->stmt->count; i++)
		values[i] = a->look.p + starts[i];
	bool sent = PQsendQueryPrepared(pg->conn, s->stmt->of_many_name, (int)s->stmt->count,
		values, NULL, NULL, PG_FORMAT_BYTES);

	buf_wipe(&a->look);
	return sent;
}

/* What has one Sync. */
static bool put(struct pg *pg, size_t first, size_t n)
{
	bool sent = true;

	for (const struct ahead_sent *s = pg->ahead.sent + first, *end = s + n; s < end && sent;
		s++)
		sent = s->places > 1 ? put_many(pg, s) : put_one(pg, s);
	return sent && PQpipelineSync(pg->conn);
}

static bool put_all(struct pg *pg)
{
	const struct ahead *a = &pg->ahead;
	bool sent = a->together == 0 || put(pg, 0, a->together);

	for (const struct ahead_question *q = a->questions; q < a->questions + a->n && sent; q++)
		if (q->apart)
			sent = put(pg, q->calls->sent, q->n);
	if (!sent)
		connection_lost(pg, PQerrorMessage(pg->conn));
	return sent;
}

_Static_assert(AHEAD_CALLS_MAX <= UCHAR_MAX, "the last byte of a number tells all places apart");

/* Which place a row of a statement of many is for; the last column says it, as bigint. */
static int place_of(const PGresult *r, int row)
{
	const char *number = PQgetvalue(r, row, PQnfields(r) - 1);

	return (unsigned char)number[sizeof(int64_t) - 1] - 1;
}

static bool is_in_order(const PGresult *r)
{
	for (int i = 1; i < PQntuples(r); i++)
		if (place_of(r, i) < place_of(r, i - 1))
			return false;
	return true;
}

static enum err collect(struct pg *pg, size_t first, size_t n)
{
	struct ahead_sent *s = pg->ahead.sent + first;
	PGresult *results[AHEAD_CALLS_MAX];
	enum err e = connection_collect(pg, connection_query_deadline(pg), results, n);

	for (size_t i = 0; i < n && e == ERR_OK; i++)
		s[i].result = results[i];
	return e;
}

static const char *sqlstate_of(const PGresult *r)
{
	return PQresultErrorField(r, PG_DIAG_SQLSTATE);
}

static bool is_in_place(const struct ahead_sent *s)
{
	return s->places == 1 || is_in_order(s->result);
}

/* One that was not answered whole is asked again by its asker, who is told what is wrong then; but not one that has
 * waited for a lock: whatever its values are, it would wait as long once more. */
static bool is_answered_together(const struct ahead *a, const struct ahead_question *q)
{
	bool is_whole = true;

	for (size_t i = 0; i < q->n; i++) {
		const struct ahead_sent *s = &a->sent[q->calls[i].sent];

		if (sqlstate_is_of_lock(sqlstate_of(s->result)))
			return true;
		is_whole = is_whole && result_is_well(s->result) && is_in_place(s);
	}
	return is_whole;
}

/* A failure is an answer, too, unless it is of the connection: on one that is made anew it may be well. */
static bool is_answered_apart(const struct ahead *a, const struct ahead_question *q)
{
	for (size_t i = 0; i < q->n; i++) {
		const char *sqlstate = sqlstate_of(a->sent[q->calls[i].sent].result);

		if (sqlstate && sqlstate_meaning(sqlstate).drop)
			return false;
	}
	return true;
}

static void collect_all(struct pg *pg)
{
	struct ahead *a = &pg->ahead;
	enum err e = a->together == 0 ? ERR_OK : collect(pg, 0, a->together);

	for (struct ahead_question *q = a->questions; q < a->questions + a->n; q++)
		if (!q->apart)
			q->is_answered = e == ERR_OK && is_answered_together(a, q);
	for (struct ahead_question *q = a->questions; q < a->questions + a->n && e == ERR_OK; q++)
		if (q->apart) {
			e = collect(pg, q->calls->sent, q->n);
			q->is_answered = e == ERR_OK && is_answered_apart(a, q);
		}
}

void ahead_ask(struct pg *pg)
{
	struct ahead *a = &pg->ahead;

	if (a->n == 0 || a->asked)
		return;
	a->asked = true;
	if (connection_ready(pg) != ERR_OK)
		return;
	arrange(a);
	if (put_all(pg))
		collect_all(pg);
}

/* To the question whose print is in a->look. */
static bool is_answer(const struct ahead *a, const struct ahead_question *q, size_t n)
{
	if (!q->is_answered || q->n != n)
		return false;
	size_t start = q->calls[0].start, size = q->calls[n - 1].end - start;

	return size == a->look.n && memcmp(a->prints.p + start, a->look.p, size) == 0;
}

static struct answer answer_to(const struct ahead *a, const struct ahead_call *c)
{
	const struct ahead_sent *s = &a->sent[c->sent];
	struct answer ret = {
		.result = s->result, .rows = PQntuples(s->result), .is_shared = true
	};

	if (s->places == 1)
		return ret;
	int end = ret.rows;

	while (ret.first < end && place_of(s->result, ret.first) < c->place)
		ret.first++;
	for (ret.rows = 0; ret.first + ret.rows < end; ret.rows++)
		if (place_of(s->result, ret.first + ret.rows) != c->place)
			break;
	return ret;
}

bool ahead_take(struct pg *pg, size_t n, struct answer *ret)
{
	struct ahead *a = &pg->ahead;

	if (a->n == 0 || pg->tx != TX_NONE)
		return false;
	buf_clear(&a->look);
	for (size_t i = 0; i < n; i++)
		add_print(&a->look, &pg->params[i]);
	for (struct ahead_question *q = a->questions; q < a->questions + a->n; q++)
		if (is_answer(a, q, n)) {
			for (size_t i = 0; i < n; i++)
				ret[i] = answer_to(a, &q->calls[i]);
			q->is_answered = false;
			return true;
		}
	return false;
}
