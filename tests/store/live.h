/*
 * A test that talks to the real PostgreSQL through pg: a connection with the test's own statements,
 * and memory for rows.
 */
#ifndef DIALTONE_TESTS_STORE_LIVE_H
#define DIALTONE_TESTS_STORE_LIVE_H

#include "server.h"

struct fixture {
	struct pg *pg;
	struct arena *arena;
};

struct number {
	int64_t n;
};

static const struct field number_fields[] = { FIELD_INT(number, n), FIELDS_END };

/* The row of a statement that answers with a column n. */
#define NUMBER_ROW .row = number_fields, .row_size = sizeof(struct number)

static const struct stmt backend_stmts[] = {
	{
		.name = "backend",
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT pg_backend_pid()::bigint AS n",
	},
	{ 0 },
};

/* Connects; for a test's setup. */
static inline int open_fixture(void **state, const struct stmt *stmts, int query_timeout_ms)
{
	static struct fixture f;

	f.pg = server_pg(stmts, query_timeout_ms);
	pg_register(f.pg, backend_stmts);
	f.arena = arena_new(4096);
	*state = &f;
	return pg_connect(f.pg) == ERR_OK ? 0 : -1;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	pg_free(&f->pg);
	arena_free(&f->arena);
	return 0;
}

/* The one number a statement without parameters answers with. */
static inline int64_t number_of(struct fixture *f, const struct stmt *s)
{
	struct number r;

	assert_int_equal(pg_one(f->pg, s, f->arena, &r, PG_NO_VALUES), ERR_OK);
	return r.n;
}

/* The process at the other end: another one after a reconnect. */
static inline pid_t backend(struct fixture *f)
{
	return (pid_t)number_of(f, backend_stmts);
}

#endif
