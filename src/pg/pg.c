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
	free((*pg)->stmts);
	free(*pg);
	*pg = NULL;
}

const char *pg_constraint(const struct pg *pg)
{
	return pg->constraint;
}

/* The first thing wrong with a result, as our error; what nobody expected is logged here. */
static enum err result_err(struct pg *pg, const char *name, const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);
	const char *sqlstate, *text, *constraint;
	struct sqlstate_meaning m;

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return ERR_OK;
	sqlstate = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	constraint = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
	m = sqlstate_meaning(sqlstate);
	if (constraint)
		snprintf(pg->constraint, sizeof(pg->constraint), "%s", constraint);
	if (m.err == ERR_INTERNAL)
		log_error("statement %s failed: %s %s", name, sqlstate, text ? text : "");
	if (m.drop)
		connection_lost(pg, text ? text : "it broke");
	return m.err;
}

static void refuse_wrong_values(const struct stmt *s, const struct pg_value *values, size_t n)
{
	if (n != stmt_param_count(s))
		log_fatal("statement %s: called with %zu values", s->name, n);
	for (size_t i = 0; i < n; i++)
		if (values[i].type != s->params[i])
			log_fatal("statement %s: value %zu is of another type", s->name, i + 1);
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

/* Sends the statement, behind BEGIN when a transaction waits to be opened. */
static enum err stmt_exchange(
	struct pg *pg, const struct stmt *s, const struct pg_params *p, size_t n, PGresult **ret)
{
	bool opening = pg->tx == TX_PENDING;
	PGresult *results[2];
	enum err e;

	if ((opening && !command_send(pg, "BEGIN")) ||
		!PQsendQueryPrepared(
			pg->conn, s->name, (int)n, p->values, p->lengths, p->formats, 0)) {
		connection_lost(pg, PQerrorMessage(pg->conn));
		return ERR_UNAVAILABLE;
	}
	if (opening)
		pg->tx = TX_OPEN;
	e = connection_exchange(pg, connection_query_deadline(pg), results, opening ? 2 : 1);
	if (e != ERR_OK)
		return e;
	*ret = results[opening ? 1 : 0];
	if (opening) {
		e = result_err(pg, "BEGIN", results[0]);
		PQclear(results[0]);
	}
	if (e == ERR_OK)
		e = result_err(pg, s->name, *ret);
	if (e != ERR_OK)
		PQclear(*ret);
	return e;
}

static enum err stmt_execute(struct pg *pg, const struct stmt *s, const struct pg_value *values,
	size_t n, PGresult **ret)
{
	struct pg_params params;
	enum err e;

	refuse_wrong_values(s, values, n);
	pg->constraint[0] = '\0';
	e = connection_ready(pg);
	if (e != ERR_OK)
		return e;
	e = pg_params_init(&params, values, n);
	if (e != ERR_OK)
		return e;
	e = stmt_exchange(pg, s, &params, n, ret);
	pg_params_finish(&params);
	return e;
}

enum err pg_one(struct pg *pg, const struct stmt *s, struct arena *arena, void *ret_row,
	const struct pg_value *values, size_t n)
{
	PGresult *r;
	void *row;
	enum err e;

	assert(s->rows == PG_ONE || s->rows == PG_MAY_ONE);
	e = stmt_execute(pg, s, values, n, &r);
	if (e != ERR_OK)
		return e;
	row = mem_alloc(s->row_size);
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
