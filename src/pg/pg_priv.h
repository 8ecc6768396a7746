/*
 * What the files of pg/ share: the connection itself, parameters on their way out, rows on their
 * way in.  The connection is always in libpq's pipeline mode, which costs nothing for a single
 * statement and lets BEGIN travel with the first one.
 */
#ifndef DIALTONE_PG_PG_PRIV_H
#define DIALTONE_PG_PG_PRIV_H

#include <libpq-fe.h>

#include "base/buf.h"
#include "base/sample.h"
#include "pg/pg.h"

#define PG_NAME_MAX 63 /* NAMEDATALEN - 1: longer names would be cut by the server */

enum pg_transaction {
	TX_NONE,
	TX_PENDING, /* BEGIN travels with the next statement */
	TX_OPEN,
	TX_LOST, /* the connection broke inside: nothing more may run until the roll-back */
	TX_DONE  /* committed, or undone, with its last exchange: likewise */
};

/* A parameter: its value comes from the field of the statement's `in`, or from its place. */
struct pg_param {
	enum pg_type type;
	const struct field *field; /* NULL: from its place */
};

/* A statement as the server gets it. */
struct completed {
	const struct stmt *stmt;
	char *sql;
	char *of_many, *of_many_name; /* with an array for each parameter; NULL: it has none such */
	struct pg_param *params;
	size_t count;
};

/* One registered table: its statements stand together, here and there. */
struct pg_table {
	const struct stmt *first;
	size_t count;
	size_t at; /* in pg.stmts */
};

/* Values on their way out; what is not counted means nothing. */
struct pg_params {
	const struct completed *stmt;
	int count;
	const char *values[PG_PARAMS_MAX];
	int lengths[PG_PARAMS_MAX];
	int formats[PG_PARAMS_MAX];
	char numbers[PG_PARAMS_MAX][32];
	struct buf arrays;
	size_t starts[PG_PARAMS_MAX]; /* of the arrays in it, which still moves */
};

/* What the server answered to one call: some rows of a result, which may be others' as well. */
struct answer {
	PGresult *result;
	int first, rows;
	bool is_shared; /* the result is not this one's to free */
};

/* ahead.c: what was asked ahead (pg_ahead()). */

#define AHEAD_CALLS_MAX (PG_AHEAD_MAX * PG_CALLS_MAX)

/* What goes out, for one call or several. */
struct ahead_sent {
	const struct completed *stmt;
	int places; /* those of it that have values of their own: more than one, and it is asked of many */
	PGresult *result;
};

struct ahead_call {
	size_t start, end; /* of its print */
	size_t sent;
	int place; /* among those of it; calls that ask the same have the same */
};

struct ahead_question {
	struct ahead_call *calls;
	size_t n;
	bool apart, is_answered; /* and the answer was not taken */
};

struct ahead {
	struct ahead_question questions[PG_AHEAD_MAX];
	struct ahead_call calls[AHEAD_CALLS_MAX]; /* of all questions */
	struct ahead_sent sent[AHEAD_CALLS_MAX];
	size_t n, calls_n, sent_n;
	size_t together; /* so many of sent stand in front of those of questions that stand apart */
	bool asked;      /* all of them; else none */
	struct buf prints, look; /* look: of a question that may be among them */
};

#define PG_SENT_MAX (PG_CALLS_MAX + 1) /* with what goes before the commit */
#define COMPLAINTS  8
#define PG_WHY_SIZE 512

/* A kind of failure (PostgreSQL, appendix A) that was told in the log not long ago. */
struct complaint {
	char sqlstate[6];
	struct sample told;
};

/* hosts.c: with which of several hosts an attempt begins. */
#define HOSTS_LISTS 3
struct hosts {
	char *given
		[HOSTS_LISTS]; /* host, hostaddr and port of the connection string; NULL: not in it */
	char *turned[HOSTS_LISTS]; /* of the last attempt */
	size_t count, first;
};
void hosts_init(struct hosts *h, const char *conninfo);
void hosts_finish(struct hosts *h);
/* Fills in up to HOSTS_LISTS parameters, valid until the next call, and returns how many. */
size_t hosts_put(struct hosts *h, const char **keys, const char **values);
/* The first one is silent. */
void hosts_next(struct hosts *h);

struct pg {
	struct pg_settings settings;
	struct pg_counters own; /* where settings.counters are none other */
	PGconn *conn;           /* NULL when there is none */
	struct hosts hosts;
	/* Makes a new connection fit for statements; handed in, since the registry itself needs
	 * connection.c. */
	enum err (*prepare)(struct pg *pg, int64_t deadline_ms);
	struct completed *stmts;
	size_t stmt_count;
	struct pg_table *tables;
	size_t table_count;
	enum pg_transaction tx;
	bool last; /* the next exchange ends the transaction */
	const struct pg_call *(*parting)(
		void *arg); /* see pg_before_commit(); NULL: nothing, or sent */
	void *parting_arg;
	enum err parted;     /* how that ended */
	enum err committed;  /* how a COMMIT within an exchange ended */
	int64_t answered_ms; /* when the server last answered */
	uint64_t exchanges;  /* that it answered, each asker's of its own */
	struct ahead ahead;
	/* Of the call at hand: too large for a stack that is cleared. */
	struct pg_params params[PG_SENT_MAX];
	int64_t retry_at_ms; /* no attempt to connect before */
	int backoff_ms;
	bool owes_sync; /* a ping was not answered yet */
	bool away;      /* the outage has been logged */
	char constraint[PG_NAME_MAX + 1];
	char why[PG_WHY_SIZE]; /* the server failed last; "" since it has not */
	struct complaint complaints[COMPLAINTS];
};

/* Says in a transaction what request it is for. */
#define PG_REQUEST_NAME "request_name"

/* Whether a command went well. */
static inline bool result_is_well(const PGresult *r)
{
	return PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK;
}

/* connection.c */

/* Connects if need be, minding the back-off. Nothing of ours is in flight after ERR_OK. */
MUST_CHECK enum err connection_ready(struct pg *pg);
/* Sends the Sync behind what has been queued and reads the results of n commands.  Each of ret is
 * set on ERR_OK (free with PQclear), whatever its status; on ERR_UNAVAILABLE the connection is gone
 * and there are none. */
MUST_CHECK enum err connection_exchange(
	struct pg *pg, int64_t deadline_ms, PGresult **ret, size_t n);
/* Sends a Sync; ERR_UNAVAILABLE: the connection is gone. */
MUST_CHECK enum err connection_sync(struct pg *pg);
/* The same of n commands and the Sync behind them that were sent before; none of pg_exchanges(). */
MUST_CHECK enum err connection_collect(
	struct pg *pg, int64_t deadline_ms, PGresult **ret, size_t n);
/* Drops the connection because of `why`, which is logged once per outage. */
void connection_lost(struct pg *pg, const char *why);
int64_t connection_query_deadline(const struct pg *pg);

/* Queues the preparation of PG_REQUEST_NAME: one command with one result. */
MUST_CHECK bool connection_request_prepare(struct pg *pg);

/* Queues what each session of ours has set, as one command with one result. */
MUST_CHECK bool connection_session_send(struct pg *pg);

/* complaint.c */

/* Logs a failure that is answered with 503: of each SQLSTATE one line in ten seconds, with the number of
 * those in between.  advice may be NULL. */
void complain(struct pg *pg, const char *statement, const char *sqlstate, const char *text,
	const char *advice);

/* registry.c */

/* Prepares and describes every statement and compares it with its declaration. */
MUST_CHECK enum err registry_prepare(struct pg *pg, int64_t deadline_ms);
/* A statement that was not registered ends the program. */
const struct completed *registry_find(const struct pg *pg, const struct stmt *s);

/* complete.c */

/* Mistakes in the declaration end the program. */
struct completed stmt_complete(const struct stmt *s);
void completed_finish(struct completed *c);

/* sqlstate.c */

struct sqlstate_meaning {
	enum err err;
	bool drop;          /* the connection is of no more use */
	const char *advice; /* what an operator can do; NULL when there is nothing more to say */
};
#define PG_POOLER                                                                                \
	"a pooler in transaction mode (or one that refuses startup parameters) stands in front " \
	"of PostgreSQL: let it pool sessions (pool_mode = session)"
enum pg_class sqlstate_class(const char *sqlstate);
struct sqlstate_meaning sqlstate_meaning(const char *sqlstate);
/* No lock in time; NULL is no failure. */
bool sqlstate_is_of_lock(const char *sqlstate);

/* value.c */

#define PG_FORMAT_BYTES 1 /* of values and rows: the binary one */

extern const Oid pg_type_oids[];
/* Of arrays of them; 0: there are none here. */
extern const Oid pg_array_oids[];

/* Appends an element to the text of an array (PostgreSQL, 8.15.2): value as pg_params has it, NULL for NULL. */
void array_add(struct buf *out, enum pg_type type, const char *value, size_t n);

enum pg_type pg_type_of_field(enum field_type type);

/* Points into the values, which have to be those the statement wants: they must stay.  ERR_INVALID
 * when an array is larger than any we send. */
MUST_CHECK enum err pg_params_init(
	struct pg_params *p, const struct completed *c, const struct pg_value *values);
void pg_params_finish(struct pg_params *p);

/* Queues a statement with its values; its rows come back in the binary format, which costs less to write and to read
 * than texts do (PostgreSQL, 55.1: for what may be a column here it does not change between releases). */
MUST_CHECK bool params_send(struct pg *pg, const struct pg_params *p);

/* ahead.c */

void ahead_init(struct ahead *a);
void ahead_finish(struct ahead *a);
/* Adds a question, whose values are in pg->params; there is room for it. */
void ahead_add(struct pg *pg, size_t n, bool apart);
/* Asks all of them and waits for the answers; once.  Uses pg->params. */
void ahead_ask(struct pg *pg);
/* The answers to one whose values are in pg->params, for the first time; false: there are none.  They may be failures,
 * of one that stood apart, and stay until ahead_forget(). */
bool ahead_take(struct pg *pg, size_t n, struct answer *ret);
void ahead_forget(struct ahead *a);

/* row.c */

/* Fields that are columns: all but aliases and computed ones. */
bool field_is_column(const struct field *f);
/* Of the member in its struct. */
size_t field_size(const struct field *f);
bool field_accepts_oid(const struct field *f, Oid oid);
/* Fills a struct from row i of the result, which is in the binary format; texts are copied into the arena. */
MUST_CHECK enum err row_read(const struct field *fields, const PGresult *result, int i,
	struct arena *arena, void *ret_row);

#endif
