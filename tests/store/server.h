/* What every test against the real PostgreSQL needs: see run-with-postgres. */
#ifndef DIALTONE_TESTS_STORE_SERVER_H
#define DIALTONE_TESTS_STORE_SERVER_H

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/unit.h"
#include "pg/pg.h"

static inline void server_stop(void)
{
	assert_int_equal(system(getenv("TEST_PG_STOP")), 0);
}

static inline void server_start(void)
{
	assert_int_equal(system(getenv("TEST_PG_START")), 0);
}

/* Runs SQL on a connection of its own; the first column of the first row comes back as a number. */
static inline long server_sql(const char *sql)
{
	PGconn *c = PQconnectdb("options=--client_min_messages=warning");
	PGresult *r = PQexec(c, sql);
	ExecStatusType status = PQresultStatus(r);
	long n = status == PGRES_TUPLES_OK && PQntuples(r) ? atol(PQgetvalue(r, 0, 0)) : 0;

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(c));
	PQclear(r);
	PQfinish(c);
	return n;
}

/* Spaces and all that was theirs are gone, with what deleted accounts have left behind. */
static inline void server_empty(void)
{
	server_sql(
		"TRUNCATE outbox, leftovers, accounts_tombstones, spaces, sessions, known_networks,"
		" provisioning_tokens, wizards, contacts, contacts_list_contact,"
		" account_contacts_list, cti_users, jobs, reset_password_email_tokens CASCADE");
}

/* A connection with these statements, not connected yet. */
static inline struct pg *server_pg(const struct stmt *stmts, int query_timeout_ms)
{
	struct pg_settings settings = { .conninfo = "",
		.app_name = "test",
		.connect_timeout_ms = 500,
		.query_timeout_ms = query_timeout_ms };
	struct pg *pg = pg_new(&settings);

	pg_register(pg, stmts);
	return pg;
}

#endif
