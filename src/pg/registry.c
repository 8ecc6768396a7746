/*
 * All statements go out in one pipeline, each as Prepare and Describe, and the answers are read behind
 * one Sync: preparing them costs one round trip, however many there are.
 *
 * What the server describes (types of parameters, names, order and types of columns) is held against
 * the rows.  A program and a schema that do not fit each other meet here, by the statement's name, and
 * not in the middle of a request.
 */
#include "pg_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

static void refuse_bad_declaration(const struct stmt *s)
{
	if (!s->sql || (s->rows == PG_NONE) != !s->row || (s->row && !s->row_size))
		log_fatal("statement %s: text, rows and row size must be declared", s->name);
}

static bool has_name(const struct completed *c, const char *name)
{
	return strcmp(c->stmt->name, name) == 0 ||
	       (c->of_many && strcmp(c->of_many_name, name) == 0);
}

/* One that it is prepared by. */
static void refuse_bad_name(const struct pg *pg, const char *name)
{
	if (strlen(name) > PG_NAME_MAX)
		log_fatal("statement %s: its name is too long", name);
	for (size_t i = 0; i < pg->stmt_count; i++)
		if (has_name(&pg->stmts[i], name))
			log_fatal("statement %s is declared twice", name);
}

const struct completed *registry_find(const struct pg *pg, const struct stmt *s)
{
	for (size_t i = 0; i < pg->table_count; i++) {
		const struct pg_table *t = &pg->tables[i];

		if (s >= t->first && s < t->first + t->count)
			return &pg->stmts[t->at + (size_t)(s - t->first)];
	}
	log_fatal("statement %s is not registered", s->name);
}

static void add(struct pg *pg, const struct stmt *s)
{
	refuse_bad_declaration(s);
	const struct completed c = stmt_complete(s);

	refuse_bad_name(pg, s->name);
	if (c.of_many)
		refuse_bad_name(pg, c.of_many_name);
	pg->stmts = mem_realloc(pg->stmts, (pg->stmt_count + 1) * sizeof(*pg->stmts));
	pg->stmts[pg->stmt_count++] = c;
}

void pg_register(struct pg *pg, const struct stmt *stmts)
{
	struct pg_table t = { .first = stmts, .at = pg->stmt_count };

	for (const struct stmt *s = stmts; s->name; s++) {
		add(pg, s);
		t.count++;
	}
	pg->tables = mem_realloc(pg->tables, (pg->table_count + 1) * sizeof(*pg->tables));
	pg->tables[pg->table_count++] = t;
}

static enum err mismatch(const struct stmt *s, const char *what)
{
	log_error("statement %s does not fit the schema: %s", s->name, what);
	return ERR_INTERNAL;
}

/* A declared parameter that the text never mentions would be sent for nothing. */
static bool params_are_used(const struct completed *c)
{
	for (size_t i = c->count; i > 0; i--) {
		char mark[8];
		const char *at;
		int n = snprintf(mark, sizeof(mark), "$%zu", i);

		for (at = strstr(c->sql, mark); at; at = strstr(at + n, mark))
			if (at[n] < '0' || at[n] > '9')
				break;
		if (!at)
			return false;
	}
	return true;
}

static enum err params_compare(const struct completed *c, const PGresult *described)
{
	if ((size_t)PQnparams(described) != c->count || !params_are_used(c))
		return mismatch(c->stmt, "it has another number of parameters");
	for (size_t i = 0; i < c->count; i++)
		if (PQparamtype(described, (int)i) != pg_type_oids[c->params[i].type])
			return mismatch(c->stmt, "a parameter has another type");
	return ERR_OK;
}

static enum err column_compare(
	const struct stmt *s, const struct field *f, const PGresult *described, int column)
{
	char what[160];

	if (column >= PQnfields(described))
		snprintf(what, sizeof(what), "column %s is missing", f->name);
	else if (strcmp(PQfname(described, column), f->name) != 0)
		snprintf(what, sizeof(what), "column %d is %s, not %s", column + 1,
			PQfname(described, column), f->name);
	else if (!field_accepts_oid(f, PQftype(described, column)))
		snprintf(what, sizeof(what), "column %s has another type (oid %u)", f->name,
			PQftype(described, column));
	else
		return ERR_OK;
	return mismatch(s, what);
}

static enum err row_compare(const struct stmt *s, const PGresult *described)
{
	int column = 0;

	if (s->row)
		FIELD_FOR_EACH(f, s->row) {
			if (!field_is_column(f))
				continue;
			if (column_compare(s, f, described, column) != ERR_OK)
				return ERR_INTERNAL;
			column++;
		}
	if (column != PQnfields(described))
		return mismatch(s, "it returns columns that its row does not have");
	return ERR_OK;
}

/* What a statement could not be prepared for: the server's state, or its schema. */
static enum err refused_prepare(struct pg *pg, const struct stmt *s, const PGresult *failed)
{
	const char *text = PQresultErrorField(failed, PG_DIAG_MESSAGE_PRIMARY);
	const char *sqlstate = PQresultErrorField(failed, PG_DIAG_SQLSTATE);
	struct sqlstate_meaning m = sqlstate_meaning(sqlstate);

	if (m.err != ERR_UNAVAILABLE)
		return mismatch(s, text ? text : "it cannot be prepared");
	connection_lost(pg, m.advice ? m.advice : text ? text : "it broke");
	return ERR_UNAVAILABLE;
}

/* Results of one: prepared, described, and prepared for many, which has the same columns by its text. */
static size_t stmt_results(const struct completed *c)
{
	return c->of_many ? 3 : 2;
}

static enum err stmt_check(struct pg *pg, const struct completed *c, PGresult *const *results)
{
	const PGresult *described = results[1];
	enum err e;

	for (size_t i = 0; i < stmt_results(c); i++)
		if (PQresultStatus(results[i]) != PGRES_COMMAND_OK)
			return refused_prepare(pg, c->stmt, results[i]);
	e = params_compare(c, described);
	return e == ERR_OK ? row_compare(c->stmt, described) : e;
}

static bool prepare_send(struct pg *pg, const struct completed *c, const char *name,
	const char *sql, const Oid *oids)
{
	Oid types[PG_PARAMS_MAX] = { 0 };

	for (size_t i = 0; i < c->count; i++)
		types[i] = oids[c->params[i].type];
	return PQsendPrepare(pg->conn, name, sql, (int)c->count, types);
}

static bool stmt_send(struct pg *pg, const struct completed *c)
{
	return prepare_send(pg, c, c->stmt->name, c->sql, pg_type_oids) &&
	       PQsendDescribePrepared(pg->conn, c->stmt->name) &&
	       (!c->of_many || prepare_send(pg, c, c->of_many_name, c->of_many, pg_array_oids));
}

static enum err session_check(struct pg *pg, const PGresult *done, ExecStatusType status)
{
	if (PQresultStatus(done) == status)
		return ERR_OK;
	const char *advice = sqlstate_meaning(PQresultErrorField(done, PG_DIAG_SQLSTATE)).advice;

	connection_lost(pg, advice ? advice : PQresultErrorMessage(done));
	return ERR_UNAVAILABLE;
}

/* A pooler of transactions that keeps prepared statements itself (pgbouncer since 1.21) gives them names
 * of its own.  What else we rely on in a session, settings and locks, it does not keep. */
static bool names_send(struct pg *pg)
{
	const char *const values[] = { pg->stmt_count ? pg->stmts[0].stmt->name : "" };

	return PQsendQueryParams(pg->conn,
		"SELECT FROM pg_catalog.pg_prepared_statements WHERE name = $1", 1, NULL, values,
		NULL, NULL, 0);
}

static enum err names_check(struct pg *pg, const PGresult *found)
{
	if (PQresultStatus(found) == PGRES_TUPLES_OK && (PQntuples(found) || !pg->stmt_count))
		return ERR_OK;
	connection_lost(pg,
		PQresultStatus(found) == PGRES_TUPLES_OK ? PG_POOLER : PQresultErrorMessage(found));
	return ERR_UNAVAILABLE;
}

/* An error makes the server skip what follows, so only the first bad statement can be named. */
static enum err results_check(struct pg *pg, PGresult *const *results)
{
	enum err e = session_check(pg, *results++, PGRES_TUPLES_OK);

	if (e == ERR_OK)
		e = session_check(pg, *results++, PGRES_COMMAND_OK);
	for (size_t i = 0; e == ERR_OK && i < pg->stmt_count; i++) {
		e = stmt_check(pg, &pg->stmts[i], results);
		results += stmt_results(&pg->stmts[i]);
	}
	return e == ERR_OK ? names_check(pg, *results) : e;
}

static bool all_send(struct pg *pg)
{
	bool sent = connection_session_send(pg) && connection_request_prepare(pg);

	for (size_t i = 0; sent && i < pg->stmt_count; i++)
		sent = stmt_send(pg, &pg->stmts[i]);
	return sent && names_send(pg);
}

enum err registry_prepare(struct pg *pg, int64_t deadline_ms)
{
	size_t n = 3; /* of the session, the request and the names */
	PGresult **results;
	enum err e;

	if (!all_send(pg))
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < pg->stmt_count; i++)
		n += stmt_results(&pg->stmts[i]);
	results = mem_alloc(n * sizeof(*results));
	e = connection_exchange(pg, deadline_ms, results, n);
	if (e == ERR_OK) {
		e = results_check(pg, results);
		for (size_t i = 0; i < n; i++)
			PQclear(results[i]);
	}
	free(results);
	return e;
}
