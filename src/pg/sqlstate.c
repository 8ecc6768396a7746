#include "pg_priv.h"

#include <string.h>

#define AWAY   ERR_UNAVAILABLE, true
#define BUSY   ERR_UNAVAILABLE, false
#define POOLER AWAY, PG_POOLER
#define LOCKED "55P03"

/* PostgreSQL, appendix A. A row matches by prefix; the first match counts. */
static const struct {
	const char *prefix;
	struct sqlstate_meaning meaning;
} meanings[] = {
	/* statement_timeout */
	{ "57014", { BUSY, "it took longer than a statement may: see pg_query_timeout_ms" } },
	{ "57P0", { AWAY, NULL } }, /* shutting down, starting up, terminated */
	{ "08", { AWAY, NULL } },   /* connection exception */
	{ "53100", { BUSY, "the disk of PostgreSQL is full: make room on it" } },
	{ "53200", { BUSY, "PostgreSQL has no memory left: give it more, or less to do" } },
	{ "53300",
		{ BUSY, "raise max_connections of PostgreSQL, or lower the number of workers" } },
	{ "53", { BUSY, "PostgreSQL lacks something: its own log says what" } },
	{ "58030", { BUSY, "PostgreSQL cannot read or write its files: look at its disk and its "
			   "log" } },
	{ LOCKED, { BUSY, "another transaction holds a lock for long: dialtonectl doctor names "
			  "it" } },
	{ "42501",
		{ BUSY, "the role of the setting postgres may not do that: dialtonectl doctor says "
			"what to grant" } },
	/* idle_in_transaction_session_timeout */
	{ "25P03", { AWAY, "the program was stopped in the middle of a transaction: is the machine "
			   "overloaded?" } },
	{ "25006",
		{ AWAY, "this server is a standby: let the setting postgres name the primary" } },
	{ "26000", { POOLER } },                 /* prepared statements are gone: make them anew */
	{ "42P05", { POOLER } },                 /* they are there from before */
	{ "0A000", { AWAY, NULL } },             /* a migration changed a result: prepare anew */
	{ "40001", { ERR_RETRY, false, NULL } }, /* serialization failure */
	{ "40P01", { ERR_RETRY, false, NULL } }, /* deadlock */
	{ "23505", { ERR_CONFLICT, false, NULL } }, /* unique */
	{ "23503", { ERR_CONFLICT, false, NULL } }, /* foreign key */
	{ "23P01", { ERR_CONFLICT, false, NULL } }, /* exclusion */
	{ "23502", { ERR_INVALID, false, NULL } },  /* not null */
	{ "23514", { ERR_INVALID, false, NULL } },  /* check */
	{ "22", { ERR_INVALID, false, NULL } },     /* out of range, bad encoding, bad syntax */
};

enum pg_class sqlstate_class(const char *sqlstate)
{
#define CLASS_TEXT(noun, text) text,
	static const char *const classes[] = { PG_CLASSES(CLASS_TEXT) };
#undef CLASS_TEXT

	for (int i = 0; sqlstate && i < PG_CLASS_OTHER; i++)
		if (strncmp(sqlstate, classes[i], 2) == 0)
			return (enum pg_class)i;
	return PG_CLASS_OTHER;
}

struct sqlstate_meaning sqlstate_meaning(const char *sqlstate)
{
	if (!sqlstate)
		return (struct sqlstate_meaning){ ERR_UNAVAILABLE, true, NULL };
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strncmp(sqlstate, meanings[i].prefix, strlen(meanings[i].prefix)) == 0)
			return meanings[i].meaning;
	return (struct sqlstate_meaning){ ERR_INTERNAL, false, NULL };
}

bool sqlstate_is_of_lock(const char *sqlstate)
{
	return sqlstate && strcmp(sqlstate, LOCKED) == 0;
}
