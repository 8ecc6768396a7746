#include "pg_priv.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

#define CONNECT_TIMEOUT_MS 1000
#define QUERY_TIMEOUT_MS   5000

const struct field pg_id_fields[] = { FIELD_INT(pg_id, id), FIELDS_END };

struct pg *pg_new(const struct pg_settings *settings)
{
	struct pg *pg = mem_alloc(sizeof(*pg));

	pg->settings = *settings;
	pg->prepare = registry_prepare;
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
	pg_disconnect(*pg);
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

const char *pg_constraint(const struct pg *pg)
{
	return pg->constraint;
}

/* The first thing wrong with a result, as our error; the unexpected is logged here. */
static enum err result_err(struct pg *pg, const char *name, const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);
	const char *sqlstate, *text, *constraint;
	struct sqlstate_meaning m;

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return ERR_OK;
	/* Skipped by the server, since something before it failed: the connection is fine. */
	if (status == PGRES_PIPELINE_ABORTED)
		return ERR_UNAVAILABLE;
	sqlstate = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	constraint = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
	m = sqlstate_meaning(sqlstate);
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
	if (e != ERR_OK)
		return e;
	e = result_err(pg, sql, r);
	/* COMMIT of a transaction that had failed is answered with ROLLBACK. */
	if (e == ERR_OK && strcmp(PQcmdStatus(r), sql) != 0)
		e = ERR_INTERNAL;
	PQclear(r);
	return e;
}

/* Puts the statements into the pipeline, behind BEGIN when a transaction waits to be opened. */
static enum err queue(
	struct pg *pg, const struct pg_call *calls, const struct pg_params *params, size_t n)
{
	bool sent = pg->tx != TX_PENDING || command_send(pg, "BEGIN");

	for (size_t i = 0; i < n && sent; i++)
		sent = PQsendQueryPrepared(pg->conn, calls[i].stmt->name, params[i].count,
			params[i].values, params[i].lengths, params[i].formats, 0);
	if (!sent) {
		connection_lost(pg, PQerrorMessage(pg->conn));
		return ERR_UNAVAILABLE;
	}
	if (pg->tx == TX_PENDING)
		pg->tx = TX_OPEN;
	return ERR_OK;
}

/* Reads the answers. On ERR_OK each call has its result, and ret[i] is set where that is ERR_OK. */
static enum err collect(
	struct pg *pg, struct pg_call *calls, size_t n, bool opening, PGresult **ret)
{
	PGresult *results[1 + PG_CALLS_MAX];
	enum err opened = ERR_OK;
	enum err e = connection_exchange(
		pg, connection_query_deadline(pg), results, opening ? n + 1 : n);

	if (e != ERR_OK)
		return e;
	if (opening) {
		opened = result_err(pg, "BEGIN", results[0]);
		PQclear(results[0]);
	}
	for (size_t i = 0; i < n; i++) {
		ret[i] = results[opening ? i + 1 : i];
		calls[i].result =
			opened == ERR_OK ? result_err(pg, calls[i].stmt->name, ret[i]) : opened;
		if (calls[i].result != ERR_OK)
			PQclear(ret[i]);
	}
	return ERR_OK;
}

static enum err exchange(struct pg *pg, struct pg_call *calls, const struct pg_params *params,
	size_t n, PGresult **ret)
{
	bool opening = pg->tx == TX_PENDING;
	enum err e = queue(pg, calls, params, n);

	return e == ERR_OK ? collect(pg, calls, n, opening, ret) : e;
}

/* ERR_OK: the statements went out and came back; see collect(). */
static enum err calls_execute(struct pg *pg, struct pg_call *calls, size_t n, PGresult **ret)
{
	struct pg_params params[PG_CALLS_MAX];
	const struct completed *stmts[PG_CALLS_MAX];
	size_t made = 0;
	enum err e;

	for (size_t i = 0; i < n; i++) {
		stmts[i] = registry_find(pg, calls[i].stmt);
		refuse_wrong_values(stmts[i], calls[i].values, calls[i].n);
	}
	pg->constraint[0] = '\0';
	e = connection_ready(pg);
	for (; made < n && e == ERR_OK; made++)
		e = pg_params_init(&params[made], stmts[made], calls[made].values);
	if (e == ERR_OK)
		e = exchange(pg, calls, params, n, ret);
	while (made > 0)
		pg_params_finish(&params[--made]);
	return e;
}

static enum err stmt_execute(struct pg *pg, const struct stmt *s, const struct pg_value *values,
	size_t n, PGresult **ret)
{
	struct pg_call call = { .stmt = s, .values = values, .n = n };
	enum err e = calls_execute(pg, &call, 1, ret);

	return e == ERR_OK ? call.result : e;
}

/* The row of a result that has one, or may have one. Takes the result. */
static enum err take_row(const struct stmt *s, PGresult *r, struct arena *arena, void *ret_row)
{
	void *row = mem_alloc(s->row_size);
	enum err e;

	if (PQntuples(r) == 1) {
		e = row_read(s->row, r, 0, arena, row);
	} else if (PQntuples(r) == 0 && s->rows == PG_MAY_ONE) {
		e = ERR_NOT_FOUND;
	} else {
		log_error("statement %s returned %d rows", s->name, PQntuples(r));
		e = ERR_INTERNAL;
	}
	PQclear(r);
	if (e == ERR_OK)
		memcpy(ret_row, row, s->row_size);
	free(row);
	return e;
}

enum err pg_one(struct pg *pg, const struct stmt *s, struct arena *arena, void *ret_row,
	const struct pg_value *values, size_t n)
{
	PGresult *r;
	enum err e;

	assert(s->rows == PG_ONE || s->rows == PG_MAY_ONE);
	e = stmt_execute(pg, s, values, n, &r);
	return e == ERR_OK ? take_row(s, r, arena, ret_row) : e;
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
	PGresult *results[PG_CALLS_MAX];
	enum err e;

	assert(n > 0 && n <= PG_CALLS_MAX);
	for (size_t i = 0; i < n; i++)
		assert(calls[i].stmt->rows == PG_ONE || calls[i].stmt->rows == PG_MAY_ONE);
	e = calls_execute(pg, calls, n, results);
	for (size_t i = 0; i < n; i++) {
		struct pg_call *c = &calls[i];

		if (e != ERR_OK)
			c->result = e;
		else if (c->result == ERR_OK)
			c->result = take_row(c->stmt, results[i], c->arena, c->ret_row);
	}
	return first_failure(calls, n);
}

enum err pg_many(struct pg *pg, const struct stmt *s, struct arena *arena, void **ret_rows,
	size_t *ret_count, const struct pg_value *values, size_t n)
{
	PGresult *r;
	size_t count;
	char *rows;
	enum err e;

	assert(s->rows == PG_MANY);
	e = stmt_execute(pg, s, values, n, &r);
	if (e != ERR_OK)
		return e;
	count = (size_t)PQntuples(r);
	rows = arena_alloc(arena, count * s->row_size);
	for (size_t i = 0; i < count && e == ERR_OK; i++)
		e = row_read(s->row, r, (int)i, arena, rows + i * s->row_size);
	PQclear(r);
	if (e != ERR_OK)
		return e;
	*ret_rows = rows;
	*ret_count = count;
	return ERR_OK;
}

enum err pg_run(struct pg *pg, const struct stmt *s, int64_t *ret_affected,
	const struct pg_value *values, size_t n)
{
	PGresult *r;
	enum err e;

	assert(s->rows == PG_NONE);
	e = stmt_execute(pg, s, values, n, &r);
	if (e != ERR_OK)
		return e;
	if (ret_affected)
		*ret_affected = strtoll(PQcmdTuples(r), NULL, 10);
	PQclear(r);
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
	return ERR_OK;
}

enum err pg_commit(struct pg *pg)
{
	enum pg_transaction tx = pg->tx;
	enum err e;

	assert(tx != TX_NONE);
	pg->constraint[0] = '\0';
	e = tx == TX_OPEN ? command_run(pg, "COMMIT") : tx == TX_LOST ? ERR_UNAVAILABLE : ERR_OK;
	pg->tx = TX_NONE;
	return e;
}

void pg_rollback(struct pg *pg)
{
	if (pg->tx == TX_OPEN && command_run(pg, "ROLLBACK") != ERR_OK)
		pg_disconnect(pg);
	pg->tx = TX_NONE;
}
