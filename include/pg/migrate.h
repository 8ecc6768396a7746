/*
 * Brings a database to the schema this program was built with.
 *
 * Migrations are the numbered files of sql/, forward only, embedded at build time.  Each runs in a
 * transaction of its own and is recorded with its checksum in the table schema_migrations; runs that
 * meet wait for each other, so nothing is applied twice.  A database that knows a migration this
 * program does not, or another text of one, is refused untouched.
 *
 * For the operator's commands only: it may wait as long as a migration takes, and blocks.
 */
#ifndef DIALTONE_PG_MIGRATE_H
#define DIALTONE_PG_MIGRATE_H

#include "pg/pg.h"

struct migration {
	int version; /* 1, 2, 3…; 0 ends the list */
	const char *name;
	const char *checksum; /* SHA-256 of the file, hexadecimal */
	const char *sql;
};

/* Those of sql/, ascending. Linked by programs that use the meson dependency `schema`. */
extern const struct migration schema_migrations[];

/* Gets one sentence about each thing done, or why nothing was. Borrowed during the call. */
typedef void (*migrate_report_fn)(void *arg, const char *sentence);

/* ERR_UNAVAILABLE: no connection. ERR_CONFLICT: refused, the database is newer or a file changed.
 * ERR_INTERNAL: a migration failed, and was undone. All with a sentence to `report`. */
MUST_CHECK enum err migrate_run(const struct pg_settings *settings,
	const struct migration *migrations, migrate_report_fn report, void *arg);

struct migration_state {
	int64_t version;
	const char *name;
	const char *state;  /* "applied", "pending", "changed", "unknown" (to this program) */
	int64_t applied_at; /* 0: not yet */
};
extern const struct field migration_state_fields[];

/* What migrate_run would find; changes nothing. The array lives in the arena, ascending. */
MUST_CHECK enum err migrate_status(const struct pg_settings *settings,
	const struct migration *migrations, struct arena *arena, struct migration_state **ret,
	size_t *ret_count);

#endif
