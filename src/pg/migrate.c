/*
 * Runs that meet are lined up by an advisory lock, which the server drops with the connection, however
 * the program ends.  Then everything that was applied is compared with what this program has, and only
 * when all of it fits a migration is applied.
 *
 * A migration goes to the server as one string between BEGIN and COMMIT, its record with it: applied
 * and recorded are one fact.  So a migration may hold nothing that PostgreSQL refuses in a transaction
 * (CREATE INDEX CONCURRENTLY), and may not end it.
 *
 * It speaks libpq directly: the statements of the registry want the schema that is made here.
 */
#define _GNU_SOURCE
#include "pg/migrate.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define LOCK_SQL     "SELECT pg_advisory_lock(7235419170889131621)" /* any number, always this one */
#define SENTENCE_MAX 1024

const struct field migration_state_fields[] = {
	FIELD_INT(migration_state, version),
	FIELD_TEXT(migration_state, name),
	FIELD_TEXT(migration_state, state),
	FIELD_TIME(migration_state, applied_at),
	FIELDS_END,
};

struct run {
	PGconn *conn;
	const struct migration *migrations;
	migrate_report_fn report;
	void *arg;
};

__attribute__((format(printf, 2, 3))) static void tell(const struct run *run, const char *fmt, ...)
{
	char sentence[SENTENCE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	run->report(run->arg, sentence);
}

/* Runs SQL that returns nothing of interest. */
static enum err execute(const struct run *run, const char *sql)
{
	PGresult *r = PQexec(run->conn, sql);
	ExecStatusType status = PQresultStatus(r);
	struct str why;

	PQclear(r);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return ERR_OK;
	why = str_trim(str_from(PQerrorMessage(run->conn)));
	tell(run, "The database refused: %.*s", (int)why.n, why.p);
	return ERR_INTERNAL;
}

/* After connecting: poolers refuse the startup parameter `options`. */
static enum err session_set(struct run *run)
{
	enum err e = execute(run, "SET TimeZone = 'UTC'; SET DateStyle = 'ISO';"
				  " SET client_min_messages = 'warning'");

	if (e != ERR_OK)
		PQfinish(run->conn);
	return e == ERR_OK ? ERR_OK : ERR_UNAVAILABLE;
}

static enum err open_connection(struct run *run, const struct pg_settings *settings)
{
	const char *const keys[] = { "connect_timeout", "dbname", "application_name",
		"client_encoding", NULL };
	const char *const values[] = { "5", settings->conninfo, settings->app_name, "UTF8", NULL };
	struct str why;

	run->conn = PQconnectdbParams(keys, values, 1);
	if (PQstatus(run->conn) == CONNECTION_OK)
		return session_set(run);
	why = str_trim(str_from(PQerrorMessage(run->conn)));
	tell(run, "No connection to the database: %.*s", (int)why.n, why.p);
	PQfinish(run->conn);
	return ERR_UNAVAILABLE;
}

/* What has been applied: version, name, checksum, applied_at. No table is no rows. */
static enum err applied_list(const struct run *run, PGresult **ret)
{
	PGresult *r = PQexec(run->conn, "SELECT to_regclass('schema_migrations') IS NOT NULL");
	bool exists = PQresultStatus(r) == PGRES_TUPLES_OK && PQgetvalue(r, 0, 0)[0] == 't';

	PQclear(r);
	r = PQexec(run->conn, exists ? "SELECT version, name, checksum, applied_at"
				       " FROM schema_migrations ORDER BY version"
				     : "SELECT WHERE false");
	if (PQresultStatus(r) == PGRES_TUPLES_OK) {
		*ret = r;
		return ERR_OK;
	}
	tell(run, "The list of migrations cannot be read: %s", PQerrorMessage(run->conn));
	PQclear(r);
	return ERR_INTERNAL;
}

static const struct migration *migration_find(const struct migration *list, int version)
{
	for (; list->version; list++)
		if (list->version == version)
			return list;
	return NULL;
}

static int newest(const struct migration *list)
{
	int version = 0;

	for (; list->version; list++)
		version = list->version;
	return version;
}

/* Row i of the applied ones against our own. */
static enum err applied_check(const struct run *run, const PGresult *applied, int i)
{
	int version = atoi(PQgetvalue(applied, i, 0)), ours = newest(run->migrations);
	const char *name = PQgetvalue(applied, i, 1);
	const struct migration *m = migration_find(run->migrations, version);

	if (!m && version > ours)
		tell(run,
			"The database has migration %d (%s), this program knows %d at most:"
			" it is older than the database. Nothing was changed.",
			version, name, ours);
	else if (!m)
		tell(run, "The database has migration %d (%s), which this program does not know.",
			version, name);
	else if (strcmp(m->name, name) != 0)
		tell(run,
			"The database is older than the first release (its migration %d is %s, not"
			" %s) and has to be made anew, which packaging/quickstart --fresh does;"
			" nothing was changed.",
			version, name, m->name);
	else if (strcmp(m->checksum, PQgetvalue(applied, i, 2)) != 0)
		tell(run,
			"Migration %d (%s) is not the one that was applied: its checksum changed."
			" Nothing was changed.",
			version, name);
	else
		return ERR_OK;
	return ERR_CONFLICT;
}

static enum err record(const struct run *run, const struct migration *m)
{
	char version[16];
	const char *const values[] = { version, m->name, m->checksum };
	PGresult *r;
	bool ok;

	snprintf(version, sizeof(version), "%d", m->version);
	r = PQexecParams(run->conn,
		"INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", 3,
		NULL, values, NULL, NULL, 0);
	ok = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	return ok ? ERR_OK : ERR_INTERNAL;
}

static enum err apply(const struct run *run, const struct migration *m)
{
	enum err e = execute(run, "BEGIN");

	if (e == ERR_OK)
		e = execute(run, m->sql);
	if (e == ERR_OK && PQtransactionStatus(run->conn) != PQTRANS_INTRANS) {
		tell(run, "Migration %d (%s) ends its own transaction.", m->version, m->name);
		return ERR_INTERNAL;
	}
	if (e == ERR_OK)
		e = record(run, m);
	if (e == ERR_OK)
		e = execute(run, "COMMIT");
	if (e == ERR_OK) {
		tell(run, "Applied %d (%s).", m->version, m->name);
		return ERR_OK;
	}
	tell(run, "Migration %d (%s) failed and was undone.", m->version, m->name);
	PQclear(PQexec(run->conn, "ROLLBACK"));
	return e;
}

static enum err apply_missing(const struct run *run, int newest_applied)
{
	enum err e = ERR_OK;

	for (const struct migration *m = run->migrations; m->version && e == ERR_OK; m++)
		if (m->version > newest_applied)
			e = apply(run, m);
	if (e == ERR_OK)
		tell(run, "The database is at version %d.", newest(run->migrations));
	return e;
}

static enum err all_check(const struct run *run, int *ret_newest)
{
	PGresult *applied;
	int count, version = 0;
	enum err e = applied_list(run, &applied);

	if (e != ERR_OK)
		return e;
	count = PQntuples(applied);
	for (int i = 0; i < count && e == ERR_OK; i++) {
		version = atoi(PQgetvalue(applied, i, 0));
		e = applied_check(run, applied, i);
	}
	PQclear(applied);
	if (e == ERR_OK)
		*ret_newest = version;
	return e;
}

enum err migrate_run(const struct pg_settings *settings, const struct migration *migrations,
	migrate_report_fn report, void *arg)
{
	struct run run = { .migrations = migrations, .report = report, .arg = arg };
	int newest_applied;
	enum err e = open_connection(&run, settings);

	if (e != ERR_OK)
		return e;
	/* Held until the connection ends, however it does. */
	e = execute(&run, LOCK_SQL);
	if (e == ERR_OK)
		e = execute(&run,
			"CREATE TABLE IF NOT EXISTS schema_migrations ("
			"version int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
			" applied_at timestamptz NOT NULL DEFAULT now())");
	if (e == ERR_OK)
		e = all_check(&run, &newest_applied);
	if (e == ERR_OK)
		e = apply_missing(&run, newest_applied);
	PQfinish(run.conn);
	return e;
}

static struct migration_state state_of_applied(
	const struct run *run, const PGresult *applied, int i, struct arena *arena)
{
	struct migration_state s = { .version = atoi(PQgetvalue(applied, i, 0)),
		.name = arena_strdup(arena, PQgetvalue(applied, i, 1)),
		.state = "applied" };
	const struct migration *m = migration_find(run->migrations, (int)s.version);

	if (!m)
		s.state = "unknown";
	else if (strcmp(m->checksum, PQgetvalue(applied, i, 2)) != 0)
		s.state = "changed";
	if (!clock_sql_parse(str_from(PQgetvalue(applied, i, 3)), &s.applied_at))
		s.applied_at = 0;
	return s;
}

static size_t states_fill(const struct run *run, const PGresult *applied, struct arena *arena,
	struct migration_state *states)
{
	size_t n = 0;
	int64_t last = 0;

	for (int i = 0; i < PQntuples(applied); i++)
		states[n++] = state_of_applied(run, applied, i, arena);
	if (n)
		last = states[n - 1].version;
	for (const struct migration *m = run->migrations; m->version; m++)
		if (m->version > last)
			states[n++] = (struct migration_state){
				.version = m->version, .name = m->name, .state = "pending"
			};
	return n;
}

static void tell_log(void *arg, const char *sentence)
{
	(void)arg;
	log_error("%s", sentence);
}

enum err migrate_status(const struct pg_settings *settings, const struct migration *migrations,
	struct arena *arena, struct migration_state **ret, size_t *ret_count)
{
	struct run run = { .migrations = migrations, .report = tell_log };
	PGresult *applied;
	size_t max;
	enum err e = open_connection(&run, settings);

	if (e != ERR_OK)
		return e;
	e = applied_list(&run, &applied);
	if (e == ERR_OK) {
		max = (size_t)PQntuples(applied) + (size_t)newest(migrations);
		*ret = arena_alloc(arena, max * sizeof(**ret));
		*ret_count = states_fill(&run, applied, arena, *ret);
		PQclear(applied);
	}
	PQfinish(run.conn);
	return e;
}
