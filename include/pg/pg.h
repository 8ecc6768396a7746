/*
 * One connection to PostgreSQL, and the statements that may run on it.
 *
 * Statements are declared in rows (`struct stmt`, one registry for each store file), prepared
 * and described when the connection is made and compared with their declaration: a mismatch refuses
 * to serve and names the statement.  No SQL is built from strings.
 *
 * A call never waits longer than the configured time: a server that is away, or silent, is
 * ERR_UNAVAILABLE at once, and the connection is made again lazily by a later call (back-off 50 ms,
 * doubling to 500 ms, with jitter).  A COMMIT whose answer was lost is never repeated.
 *
 * It is not a pool: a process is single-threaded and has one connection.  Only pg/ and store files see
 * this header.  Source: stack-notes section 5.
 */
#ifndef DIALTONE_PG_PG_H
#define DIALTONE_PG_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"
#include "base/rows.h"
#include "pg/counters.h"

/* A constant of the source in the text of a statement. */
#define PG_CONSTANT(n)      PG_CONSTANT_TEXT(n)
#define PG_CONSTANT_TEXT(n) #n

#define PG_PARAMS_MAX 48
#define PG_CALLS_MAX  6
#define PG_AHEAD_MAX  16

enum pg_type {
	PG_NO_TYPE, /* ends the parameter list */
	PG_TEXT,    /* text, varchar, also text cast inside the statement to anything else */
	PG_INT,     /* bigint */
	PG_BOOL,    /* boolean */
	PG_TIME,    /* timestamptz */
	PG_BYTES,   /* bytea */
	PG_JSON,    /* jsonb */
	PG_INET,    /* inet */
	PG_INTS,    /* bigint[] */
	PG_TEXTS,   /* text[] */
	PG_STRUCT   /* a value only: the struct of a statement's `in` */
};

enum pg_rows {
	PG_NONE,    /* no rows come back: a command */
	PG_ONE,     /* exactly one, anything else is our bug */
	PG_MAY_ONE, /* none or one */
	PG_MANY
};

/*
 * One statement.  Columns of the result must be those of `row`: same names, order and types,
 * aliases and computed fields left out.  A member may come from
 *   TEXT         text, varchar, name           INT     bigint, integer, smallint
 *   BOOL, TRI    boolean                       TIME, STAMP   timestamptz
 *   JSON, DICT   jsonb, json, text             BYTES   bytea
 * anything else is cast in the statement.  SQL's NULL leaves the member zero.
 *
 * Values come from a struct, described by the rows `in`, or from a list, where `params` says their
 * types (inet and arrays always do).  The text is completed from the tables when it is registered:
 *   $name            the member of that name; members that are not named are not sent
 *   {row}, {row a}   the columns of `row` to select, of the table a; a row's `.column` says which, where
 *                    it is not called like the row
 *   {in}, {values}   columns and values of `in`: INSERT INTO t ({in}) VALUES ({values}); a TRI that is
 *                    unset is false
 *   {set}, {set a}   assignments of `in` but for keys; a TRI that is unset and a null of FIELD_KEEP keep
 *                    the column, of the table a where others have one of that name
 *   $1               a value of `params`
 * Computed members are no columns, but may be named.
 */
struct stmt {
	const char *name;
	enum pg_type params[PG_PARAMS_MAX];
	const struct field *in; /* NULL: params */
	size_t in_size;
	const struct field *row; /* NULL with PG_NONE */
	size_t row_size;
	enum pg_rows rows;
	/* A read without arrays among its parameters that many ask at the same time, each with other values: what of it is
	 * asked ahead together (pg_ahead()) goes out as one statement, made from this one and named NAME_of_many. */
	bool of_many;
	const char *sql;
};

/* A value for a parameter; made by the functions below, checked against the statement. */
struct pg_value {
	enum pg_type type;
	bool null;
	struct str text; /* PG_TEXT, PG_BYTES, PG_JSON, PG_INET: borrowed during the call */
	int64_t number;  /* PG_INT, PG_TIME */
	bool flag;
	const int64_t *numbers;   /* PG_INTS */
	const char *const *texts; /* PG_TEXTS */
	const void *object;       /* PG_STRUCT */
	size_t count;             /* elements, or bytes of the object */
};

/* NULL (or 0 for pg_time, TRI_UNSET for pg_tri) is SQL's NULL. */
struct pg_value pg_text(const char *s);
struct pg_value pg_int(int64_t v);
struct pg_value pg_bool(bool v);
struct pg_value pg_tri(enum tri v);
struct pg_value pg_time(int64_t us);
struct pg_value pg_bytes(const void *p, size_t n);
struct pg_value pg_json(const char *json);
struct pg_value pg_inet(const char *address);
struct pg_value pg_ints(const int64_t *v, size_t n);
struct pg_value pg_texts(const char *const *v, size_t n);

/* PG_VALUES(pg_int(id), pg_text(name)): the last arguments of the calls below. */
#define PG_VALUES(...)                            \
	(const struct pg_value[]){ __VA_ARGS__ }, \
		sizeof((const struct pg_value[]){ __VA_ARGS__ }) / sizeof(struct pg_value)
#define PG_NO_VALUES NULL, 0
/* PG_IN(&contact): the same for a statement with `in`; borrowed during the call. */
#define PG_IN(...)                   \
	PG_VALUES((struct pg_value){ \
		.type = PG_STRUCT, .object = (__VA_ARGS__), .count = sizeof(*(__VA_ARGS__)) })

struct pg;

struct pg_settings {
	const char *conninfo;         /* libpq's; kept */
	const char *app_name;         /* application_name; kept */
	int connect_timeout_ms;       /* 0: 1000 */
	int query_timeout_ms;         /* 0: 5000; also set as statement_timeout */
	struct pg_counters *counters; /* where it counts; NULL: in itself */
};

/* Does not connect. settings are copied, the strings in them kept. */
struct pg *pg_new(const struct pg_settings *settings);
void pg_free(struct pg **pg);

/* Adds statements to those prepared on each connection; stmts end with .name == NULL and are kept.
 * Before pg_connect().  A name used twice, a row without cardinality, or a mark in the text that its
 * tables do not explain ends the program. */
void pg_register(struct pg *pg, const struct stmt *stmts);

/* Connects now whatever the back-off says, prepares and describes all statements.
 * ERR_UNAVAILABLE: the server is away, try again; ERR_INTERNAL: a statement does not fit the schema,
 * already logged with its name. */
MUST_CHECK enum err pg_connect(struct pg *pg);
/* Whether the server answers, within so many milliseconds (and as many again to connect); for a monitor. One that is
 * late is not given up: its answer is taken with the next statement.  Errors of pg_connect(). */
MUST_CHECK enum err pg_ping(struct pg *pg, int within_ms);
/* In words, what the server failed with last: no connection, or a statement that was ERR_UNAVAILABLE.
 * "" when it has not since the connection was made. */
const char *pg_why(const struct pg *pg);
/* Drops the connection; the next call makes a new one. */
void pg_disconnect(struct pg *pg);

/*
 * Running a statement.  Texts in the result live in `arena`, which pg_one() does not need (NULL) for
 * a row without any.  Errors:
 *   ERR_NOT_FOUND    pg_one on a PG_MAY_ONE statement without a row
 *   ERR_CONFLICT     a unique, exclusion or foreign key constraint said no: see pg_constraint()
 *   ERR_INVALID      a check or not-null constraint, or a value out of range, said no
 *   ERR_RETRY        serialization failure or deadlock: run the whole transaction again
 *   ERR_UNAVAILABLE  the server is away, shutting down, silent or out of something; logged here with
 *                    the SQLSTATE, of each one line in ten seconds
 *   ERR_INTERNAL     anything else; logged here with SQLSTATE and the statement's name
 */
MUST_CHECK enum err pg_one(struct pg *pg, const struct stmt *s, struct arena *arena, void *ret_row,
	const struct pg_value *values, size_t n);
/* *ret_rows is an array of row_size structs in the arena. */
MUST_CHECK enum err pg_many(struct pg *pg, const struct stmt *s, struct arena *arena,
	void **ret_rows, size_t *ret_count, const struct pg_value *values, size_t n);
/* For PG_NONE statements; ret_affected may be NULL. */
MUST_CHECK enum err pg_run(struct pg *pg, const struct stmt *s, int64_t *ret_affected,
	const struct pg_value *values, size_t n);

/* Runs a command that has to touch something: `none` when there was nothing to touch. */
MUST_CHECK enum err pg_change(struct pg *pg, const struct stmt *s, enum err none,
	const struct pg_value *values, size_t n);

/*
 * Up to PG_CALLS_MAX statements in one exchange.  Each call says in `result` what pg_one() (PG_ONE,
 * PG_MAY_ONE), pg_many() or pg_run() would have answered; `ret_row`, a struct rows for PG_MANY and NULL for
 * PG_NONE, is set on ERR_OK.  What comes back is the first result that is neither ERR_OK nor ERR_NOT_FOUND.
 *
 * The server skips what comes behind a failure: the calls after it are ERR_UNAVAILABLE and have not
 * run.  Without pg_begin() all are one transaction of their own, so a later failure undoes what an
 * earlier call answered ERR_OK to: use it for reads there, and for changes inside a transaction.
 */
struct pg_call {
	const struct stmt *stmt;
	const struct pg_value *values; /* { .stmt = s, PG_VALUES(...), .arena = a, ... } */
	size_t n;
	struct arena *arena; /* as in pg_one() */
	void *ret_row;
	enum err result;
};
MUST_CHECK enum err pg_together(struct pg *pg, struct pg_call *calls, size_t n);

/*
 * Asking ahead: what several callers are about to ask by pg_together() or pg_one(), reads outside a transaction, in
 * one exchange for all.  pg_ahead() names what one of them will ask, up to PG_AHEAD_MAX of them, and pg_ahead_ask()
 * asks, what they have alike once, and tells how many have.  Whichever call asks the same next, the same statements with
 * the same values in the same order, has the answer without waiting, once.  Naming something else, or something that
 * fails, costs time and changes nothing: such a call asks for itself, unless it has waited for a lock already.  apart: its
 * statements set something that ends with their transaction, in which no other caller's may be; such a one has a time
 * limit of its own, too, and its failure is its answer.
 *
 * After pg_ahead_forget(), which has to follow before anything else may have changed what was read, nothing of it
 * is known.
 */
void pg_ahead(struct pg *pg, const struct pg_call *calls, size_t n, bool apart);
size_t pg_ahead_ask(struct pg *pg);
void pg_ahead_forget(struct pg *pg);

/* The row of a statement that answers with an id alone. */
struct pg_id {
	int64_t id;
};
extern const struct field pg_id_fields[];
/* Of one that answers with a count alone: struct counted of base/rows.h. */
extern const struct field pg_counted_fields[];

/* Times the server was waited for, each one round trip, since the start of the process.  Of one that several
 * callers made together each has its own. */
uint64_t pg_exchanges(const struct pg *pg);

const struct pg_counters *pg_counters(const struct pg *pg);

/* Name of the constraint behind the last error, "" when there is none. */
const char *pg_constraint(const struct pg *pg);

/*
 * A transaction.  pg_begin sends nothing by itself: BEGIN travels with the first statement.  So does, while
 * log_request_id() names one, the setting dialtone.request, for the columns that have it as their default.
 * pg_commit answers ERR_OK only when the server confirmed it, and ends the transaction whatever it
 * answers.  After any error inside, roll back: until then nothing of a broken one runs.
 * pg_rollback outside a transaction is harmless.
 */
MUST_CHECK enum err pg_begin(struct pg *pg);
/* The next exchange is the last of the transaction, which is committed with it, or rolled back when a statement
 * of it fails: pg_commit() and pg_rollback() then have nothing left to ask.  Another exchange before them is
 * ERR_INTERNAL.  What has to be able to refuse after it has looked at an answer cannot use it. */
void pg_commit_with_next(struct pg *pg);
/* What travels with the commit of this transaction, right before it, whichever exchange that is in: `make` is asked
 * then, once, and may have nothing to say (NULL).  Without it nothing is committed.  A transaction that has sent nothing
 * does without. */
void pg_before_commit(struct pg *pg, const struct pg_call *(*make)(void *arg), void *arg);
MUST_CHECK enum err pg_commit(struct pg *pg);
void pg_rollback(struct pg *pg);

#endif
