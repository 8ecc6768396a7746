#include "pg_priv.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rows.h"

#define CONNECT_TIMEOUT_MS 1000
#define QUERY_TIMEOUT_MS   5000

const struct field pg_id_fields[] = { FIELD_INT(pg_id, id), FIELDS_END };
const struct field pg_counted_fields[] = { FIELD_INT(counted, count), FIELDS_END };

struct pg *pg_new(const struct pg_settings *settings)
{
	struct pg *pg = mem_alloc(sizeof(*pg));

	pg->settings = *settings;
	pg->prepare = registry_prepare;
	hosts_init(&pg->hosts, settings->conninfo);
	ahead_init(&pg->ahead);
	if (!pg->settings.counters)
		pg->settings.counters = &pg->own;
	if (!pg->settings.connect_timeout_ms)
		pg->settings.connect_timeout_ms = CONNECT_TIMEOUT_MS;
	if (!pg->settings.query_timeout_ms)
		pg->settings.query_timeout_ms = QUERY_TIMEOUT_MS;
	return pg;
}

void pg_free(struct pg **pg)
{
	if (!*pg)
		return;
	ahead_finish(&(*pg)->ahead);
	pg_disconnect(*pg);
	hosts_finish(&(*pg)->hosts);
	for (size_t i = 0; i < (*pg)->stmt_count; i++)
		completed_finish(&(*pg)->stmts[i]);
	free((*pg)->stmts);
	free((*pg)->tables);
	free(*pg);
	*pg = NULL;
}

uint64_t pg_exchanges(const struct pg *pg)
{
	return pg->exchanges;
}

const struct pg_counters *pg_counters(const struct pg *pg)
{
	return pg->settings.counters;
}

const char *pg_constraint(const struct pg *pg)
{
	return pg->constraint;
}

/* The first thing wrong with a result, as our error; the unexpected is logged here. */
static enum err result_err(struct pg *pg, const char *name, const PGresult *r)
{
	const char *sqlstate, *text, *constraint;
	struct sqlstate_meaning m;

	if (result_is_well(r))
		return ERR_OK;
	/* Skipped by the server, since something before it failed: the connection is fine. */
	if (PQresultStatus(r) == PGRES_PIPELINE_ABORTED)
		return ERR_UNAVAILABLE;
	sqlstate = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	constraint = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
	m = sqlstate_meaning(sqlstate);
	counter_add(&pg->settings.counters->errors[sqlstate_class(sqlstate)], 1);
	if (constraint)
		snprintf(pg->constraint, sizeof(pg->constraint), "%s", constraint);
	if (m.err == ERR_INTERNAL)
		log_error("statement %s failed: %s %s", name, sqlstate, text ? text : "");
	/* A server that goes is one line for the outage; whatever may come back each time is sampled. */
	if (m.drop && !m.advice)
		connection_lost(pg, text ? text : "it broke");
	else if (m.err == ERR_UNAVAILABLE || m.err == ERR_RETRY)
		complain(pg, name, sqlstate, text ? text : "", m.advice);
	if (m.drop)
		pg_disconnect(pg);
	return m.err;
}

static void refuse_wrong_struct(const struct stmt *s, const struct pg_value *values, size_t n)
{
	if (n != 1 || values->type != PG_STRUCT || values->count != s->in_size)
		log_fatal("statement %s: called with another struct than its own", s->name);
}

static void refuse_wrong_values(const struct completed *c, const struct pg_value *values, size_t n)
{
	const char *name = c->stmt->name;

	if (c->stmt->in) {
		refuse_wrong_struct(c->stmt, values, n);
		return;
	}
	if (n != c->count)
		log_fatal("statement %s: called with %zu values", name, n);
	for (size_t i = 0; i < n; i++)
		if (values[i].type != c->params[i].type)
			log_fatal("statement %s: value %zu is of another type", name, i + 1);
}

static bool command_send(struct pg *pg, const char *sql)
{
	return PQsendQueryParams(pg->conn, sql, 0, NULL, NULL, NULL, NULL, 0);
}

/* COMMIT of a transaction that had failed is answered with ROLLBACK. Takes the result. */
static enum err command_result(struct pg *pg, const char *sql, PGresult *r)
{
	enum err e = result_err(pg, sql, r);

	if (e == ERR_OK && strcmp(PQcmdStatus(r), sql) != 0)
		e = ERR_INTERNAL;
	PQclear(r);
	return e;
}

/* BEGIN, COMMIT or ROLLBACK on its own. */
static enum err command_run(struct pg *pg, const char *sql)
{
	PGresult *r;
	enum err e;

	if (!command_send(pg, sql)) {
		connection_lost(pg, PQerrorMessage(pg->conn));
		return ERR_UNAVAILABLE;
	}
	e = connection_exchange(pg, connection_query_deadline(pg), &r, 1);
	return e == ERR_OK ? command_result(pg, sql, r) : e;
}

/* What stands around the statements of an exchange.  One that is a whole transaction needs neither BEGIN nor
 * COMMIT: the server makes it one by itself, as far as the Sync. */
struct frame {
	bool begin, commit;
	const char *request; /* NULL: it is named already, or there is none */
};

static struct frame frame_of(const struct pg *pg)
{
	return (struct frame){ .begin = pg->tx == TX_PENDING && !pg->last,
		.commit = pg->tx == TX_OPEN && pg->last,
		.request = pg->tx == TX_PENDING ? log_request_id() : NULL };
}

/* Results before those of the statements. */
static size_t frame_head(struct frame f)
{
	return (size_t)f.begin + (f.request != NULL);
}

static bool head_send(struct pg *pg, struct frame f)
{
	return (!f.begin || command_send(pg, "BEGIN")) &&
	       (!f.request || PQsendQueryPrepared(
				      pg->conn, PG_REQUEST_NAME, 1, &f.request, NULL, NULL, 0));
}

/* Takes the results. */
static enum err head_result(struct pg *pg, struct frame f, PGresult **results)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < frame_head(f); i++) {
		enum err one =
			result_err(pg, f.begin && i == 0 ? "BEGIN" : PG_REQUEST_NAME, results[i]);

		if (e == ERR_OK)
			e = one;
		PQclear(results[i]);
	}
	return e;
}

/* Puts the statements into the pipeline. */
static enum err queue(struct pg *pg, struct frame f, size_t n)
{
	bool sent = head_send(pg, f);

	for (size_t i = 0; i < n && sent; i++)
		sent = params_send(pg, &pg->params[i]);
	if (sent && f.commit)
		sent = command_send(pg, "COMMIT");
	if (!sent) {
		connection_lost(pg, PQerrorMessage(pg->conn));
		return ERR_UNAVAILABLE;
	}
	if (pg->tx == TX_PENDING)
		pg->tx = TX_OPEN;
	return ERR_OK;
}

static void answer_finish(const struct answer *a)
{
	if (!a->is_shared)
		PQclear(a->result);
}

/* What an answer says of its call. Takes it unless that is ERR_OK. */
static enum err answer_err(struct pg *pg, const struct pg_call *call, const struct answer *a)
{
	enum err e = result_err(pg, call->stmt->name, a->result);

	if (e != ERR_OK)
		answer_finish(a);
	return e;
}

/* Reads the answers. On ERR_OK each call has its result, and ret[i] is set where that is ERR_OK. */
static enum err collect(
	struct pg *pg, struct frame f, struct pg_call *calls, size_t n, struct answer *ret)
{
	PGresult *results[3 + PG_SENT_MAX];
	const size_t head = frame_head(f);
	enum err e = connection_exchange(
		pg, connection_query_deadline(pg), results, head + n + f.commit);

	if (e != ERR_OK)
		return e;
	enum err around = head_result(pg, f, results);

	for (size_t i = 0; i < n; i++) {
		ret[i] = (struct answer){ .result = results[head + i],
			.rows = PQntuples(results[head + i]) };
		calls[i].result = around;
		if (around == ERR_OK)
			calls[i].result = answer_err(pg, &calls[i], &ret[i]);
		else
			answer_finish(&ret[i]);
	}
	if (f.commit)
		pg->committed = command_result(pg, "COMMIT", results[head + n]);
	return ERR_OK;
}

static enum err first_refusal(const struct pg_call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (calls[i].result != ERR_OK)
			return calls[i].result;
	return ERR_OK;
}

/* A failure has undone what stands before it; behind one the server skips COMMIT, and the transaction still waits
 * for its roll-back. */
static void end_with_exchange(struct pg *pg, struct frame f, enum err refusal)
{
	if (pg->tx != TX_OPEN || (f.commit && refusal != ERR_OK))
		return;
	if (!f.commit)
		pg->committed = refusal;
	pg->tx = TX_DONE;
}

static enum err exchange(struct pg *pg, struct pg_call *calls, size_t n, struct answer *ret)
{
	const struct frame f = frame_of(pg);
	bool last = pg->last;

	pg->committed = ERR_OK;
	enum err e = queue(pg, f, n);

	if (e == ERR_OK)
		e = collect(pg, f, calls, n, ret);
	if (last && e == ERR_OK)
		end_with_exchange(pg, f, first_refusal(calls, n));
	pg->last = false;
	return e;
}

static void params_finish(struct pg *pg, size_t n)
{
	while (n > 0)
		pg_params_finish(&pg->params[--n]);
}

/* ERR_OK: pg->params are those of the calls, and want params_finish(). */
static enum err params_make(struct pg *pg, const struct pg_call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct completed *stmt = registry_find(pg, calls[i].stmt);

		refuse_wrong_values(stmt, calls[i].values, calls[i].n);
		enum err e = pg_params_init(&pg->params[i], stmt, calls[i].values);

		if (e == ERR_OK)
			continue;
		params_finish(pg, i);
		return e;
	}
	return ERR_OK;
}

static bool calls_take(struct pg *pg, struct pg_call *calls, size_t n, struct answer *ret)
{
	if (!ahead_take(pg, n, ret))
		return false;
	for (size_t i = 0; i < n; i++)
		calls[i].result = answer_err(pg, &calls[i], &ret[i]);
	pg->exchanges++;
	return true;
}

static enum err calls_send(struct pg *pg, struct pg_call *calls, size_t n, struct answer *ret)
{
	ahead_ask(pg);
	enum err e = params_make(pg, calls, n);

	if (e != ERR_OK)
		return e;
	pg->constraint[0] = '\0';
	if (!calls_take(pg, calls, n, ret)) {
		e = connection_ready(pg);
		if (e == ERR_OK)
			e = exchange(pg, calls, n, ret);
	}
	params_finish(pg, n);
	return e;
}

void pg_ahead(struct pg *pg, const struct pg_call *calls, size_t n, bool apart)
{
	const struct ahead *a = &pg->ahead;

	assert(n > 0 && n <= PG_CALLS_MAX && pg->tx == TX_NONE);
	if (a->asked || a->n == PG_AHEAD_MAX || params_make(pg, calls, n) != ERR_OK)
		return;
	ahead_add(pg, n, apart);
	params_finish(pg, n);
}

size_t pg_ahead_ask(struct pg *pg)
{
	ahead_ask(pg);
	return pg->ahead.n;
}

void pg_ahead_forget(struct pg *pg)
{
	ahead_forget(&pg->ahead);
}

/* What goes before the commit; NULL: nothing. */
static const struct pg_call *take_parting(struct pg *pg)
{
	const struct pg_call *(*make)(void *arg) = pg->parting;

	pg->parting = NULL;
	return make ? make(pg->parting_arg) : NULL;
}

static enum err calls_send_with(struct pg *pg, struct pg_call *calls, size_t n,
	const struct pg_call *parting, struct answer *ret)
{
	struct pg_call all[PG_SENT_MAX];
	struct answer answers[PG_SENT_MAX];

	for (size_t i = 0; i < n; i++)
		all[i] = calls[i];
	all[n] = *parting;
	enum err e = calls_send(pg, all, n + 1, answers);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < n; i++) {
		calls[i].result = all[i].result;
		ret[i] = answers[i];
	}
	pg->parted = first_refusal(all, n + 1);
	if (all[n].result == ERR_OK)
		answer_finish(&answers[n]);
	return ERR_OK;
}

/* ERR_OK: the statements went out and came back; see collect(). */
static enum err calls_execute(struct pg *pg, struct pg_call *calls, size_t n, struct answer *ret)
{
	const struct pg_call *parting = pg->last ? take_parting(pg) : NULL;

	return parting ? calls_send_with(pg, calls, n, parting, ret)
		       : calls_send(pg, calls, n, ret);
}

static enum err stmt_execute(struct pg *pg, const struct stmt *s, const struct pg_value *values,
	size_t n, struct answer *ret)
{
	struct pg_call call = { .stmt = s, .values = values, .n = n };
	enum err e = calls_execute(pg, &call, 1, ret);

	return e == ERR_OK ? call.result : e;
}

/* The row of an answer that has one, or may have one. Takes the answer. */
static enum err take_row(
	const struct stmt *s, const struct answer *a, struct arena *arena, void *ret_row)
{
	void *row = mem_alloc(s->row_size);
	enum err e;

	if (a->rows == 1) {
		e = row_read(s->row, a->result, a->first, arena, row);
	} else if (a->rows == 0 && s->rows == PG_MAY_ONE) {
		e = ERR_NOT_FOUND;
	} else {
		log_error("statement %s returned %d rows", s->name, a->rows);
		e = ERR_INTERNAL;
	}
	answer_finish(a);
	if (e == ERR_OK)
		memcpy(ret_row, row, s->row_size);
	free(row);
	return e;
}

enum err pg_one(struct pg *pg, const struct stmt *s, struct arena *arena, void *ret_row,
	const struct pg_value *values, size_t n)
{
	struct answer a;
	enum err e;

	assert(s->rows == PG_ONE || s->rows == PG_MAY_ONE);
	e = stmt_execute(pg, s, values, n, &a);
	return e == ERR_OK ? take_row(s, &a, arena, ret_row) : e;
}

/* All rows of an answer. Takes it. */
static enum err take_rows(
	const struct stmt *s, const struct answer *a, struct arena *arena, struct rows *ret)
{
	size_t count = (size_t)a->rows;
	char *items = arena_alloc(arena, count * s->row_size);
	enum err e = ERR_OK;

	for (size_t i = 0; i < count && e == ERR_OK; i++)
		e = row_read(s->row, a->result, a->first + (int)i, arena, items + i * s->row_size);
	answer_finish(a);
	if (e == ERR_OK)
		*ret = (struct rows){ items, count };
	return e;
}

/* Takes the answer. */
static enum err take_answer(const struct pg_call *c, const struct answer *a)
{
	switch (c->stmt->rows) {
	case PG_MANY:
		return take_rows(c->stmt, a, c->arena, c->ret_row);
	case PG_NONE:
		answer_finish(a);
		return ERR_OK;
	default:
		return take_row(c->stmt, a, c->arena, c->ret_row);
	}
}

/* A row that is not there is an answer, not a failure. */
static enum err first_failure(const struct pg_call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (calls[i].result != ERR_OK && calls[i].result != ERR_NOT_FOUND)
			return calls[i].result;
	return ERR_OK;
}

enum err pg_together(struct pg *pg, struct pg_call *calls, size_t n)
{
	struct answer answers[PG_CALLS_MAX];
	enum err e;

	assert(n > 0 && n <= PG_CALLS_MAX);
	e = calls_execute(pg, calls, n, answers);
	for (size_t i = 0; i < n; i++) {
		struct pg_call *c = &calls[i];

		if (e != ERR_OK)
			c->result = e;
		else if (c->result == ERR_OK)
			c->result = take_answer(c, &answers[i]);
	}
	return first_failure(calls, n);
}

enum err pg_many(struct pg *pg, const struct stmt *s, struct arena *arena, void **ret_rows,
	size_t *ret_count, const struct pg_value *values, size_t n)
{
	struct rows rows;
	struct answer a;
	enum err e;

	assert(s->rows == PG_MANY);
	e = stmt_execute(pg, s, values, n, &a);
	if (e == ERR_OK)
		e = take_rows(s, &a, arena, &rows);
	if (e != ERR_OK)
		return e;
	*ret_rows = rows.items;
	*ret_count = rows.n;
	return ERR_OK;
}

enum err pg_run(struct pg *pg, const struct stmt *s, int64_t *ret_affected,
	const struct pg_value *values, size_t n)
{
	struct answer a;
	enum err e;

	assert(s->rows == PG_NONE);
	e = stmt_execute(pg, s, values, n, &a);
	if (e != ERR_OK)
		return e;
	if (ret_affected)
		*ret_affected = strtoll(PQcmdTuples(a.result), NULL, 10);
	answer_finish(&a);
	return ERR_OK;
}

enum err pg_change(
	struct pg *pg, const struct stmt *s, enum err none, const struct pg_value *values, size_t n)
{
	int64_t affected;
	enum err e = pg_run(pg, s, &affected, values, n);

	return e == ERR_OK && affected == 0 ? none : e;
}

enum err pg_begin(struct pg *pg)
{
	assert(pg->tx == TX_NONE);
	pg->tx = TX_PENDING;
	pg->last = false;
	pg->parting = NULL;
	pg->parted = ERR_OK;
	return ERR_OK;
}

void pg_commit_with_next(struct pg *pg)
{
	assert(pg->tx != TX_NONE);
	pg->last = true;
}

void pg_before_commit(struct pg *pg, const struct pg_call *(*make)(void *arg), void *arg)
{
	assert(pg->tx != TX_NONE);
	pg->parting = make;
	pg->parting_arg = arg;
}

/* With what goes before it, in one exchange. */
static enum err commit_open(struct pg *pg)
{
	const struct pg_call *parting = take_parting(pg);

	if (!parting)
		return command_run(pg, "COMMIT");
	pg->last = true;
	enum err e = calls_send_with(pg, NULL, 0, parting, NULL);

	if (e != ERR_OK) /* it may not have been sent at all, and the transaction is still open */
		pg->parted = e;
	return e == ERR_OK ? pg->committed : e;
}

/* What was to go with its last exchange is not for the next statement, where none was made. */
static void forget_transaction(struct pg *pg)
{
	pg->tx = TX_NONE;
	pg->last = false;
	pg->parting = NULL;
}

enum err pg_commit(struct pg *pg)
{
	enum pg_transaction tx = pg->tx;
	enum err e;

	assert(tx != TX_NONE);
	pg->constraint[0] = '\0';
	e = tx == TX_OPEN && pg->parted == ERR_OK ? commit_open(pg)
	    : tx == TX_LOST                       ? ERR_UNAVAILABLE
	    : tx == TX_DONE                       ? pg->committed
						  : ERR_OK;
	if (pg->parted != ERR_OK) { /* the server waits for the roll-back where there was a BEGIN */
		pg_rollback(pg);
		return pg->parted;
	}
	forget_transaction(pg);
	return e;
}

void pg_rollback(struct pg *pg)
{
	if (pg->tx == TX_OPEN && command_run(pg, "ROLLBACK") != ERR_OK)
		pg_disconnect(pg);
	forget_transaction(pg);
}
