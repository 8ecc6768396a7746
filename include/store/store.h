/*
 * The database as the domain sees it: a handle, and transactions.  What can be asked of it stands
 * in the headers beside this one, one per aggregate.
 *
 * Errors are those of pg/pg.h; a violated rule of the database is ERR_CONFLICT with the constraint's
 * name in store_constraint().  Any call may answer ERR_UNAVAILABLE, and ERR_RETRY inside a
 * transaction; headers name the others.
 *
 * Texts and arrays in results live in the arena given; what is passed in is borrowed for the call.
 * Rules are not here: the aggregates do what they are told (domain/ decides).
 */
#ifndef DIALTONE_STORE_STORE_H
#define DIALTONE_STORE_STORE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

struct store;

struct store_settings {
	const char *conninfo;
	const char *app_name;
	int connect_timeout_ms, query_timeout_ms;
};

/* Knows every statement of every aggregate; does not connect. The strings are kept. */
struct store *store_new(const struct store_settings *settings);
void store_free(struct store **st);

/* Connects now: see pg_connect(). Without it the first call connects. */
MUST_CHECK enum err store_connect(struct store *st);

/* One transaction at a time, not nested. After any error inside: store_rollback(), and with ERR_RETRY
 * the whole again. */
MUST_CHECK enum err store_begin(struct store *st);
MUST_CHECK enum err store_commit(struct store *st);
void store_rollback(struct store *st);

/* Name of the constraint behind the last ERR_CONFLICT; "" when there is none. */
const char *store_constraint(const struct store *st);

#endif
