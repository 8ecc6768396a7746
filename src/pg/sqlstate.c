#include "pg_priv.h"

#include <string.h>

/* PostgreSQL, appendix A. A row matches by prefix; the first match counts. */
static const struct {
	const char *prefix;
	struct sqlstate_meaning meaning;
} meanings[] = {
	{ "57014", { ERR_UNAVAILABLE, false } }, /* statement_timeout */
	{ "57P0", { ERR_UNAVAILABLE, true } },   /* shutting down, starting up, terminated */
	{ "08", { ERR_UNAVAILABLE, true } },     /* connection exception */
	{ "53", { ERR_UNAVAILABLE, false } },    /* out of disk, memory, connections */
	{ "55P03", { ERR_UNAVAILABLE, false } }, /* lock_timeout */
	{ "25P03", { ERR_UNAVAILABLE, true } },  /* idle_in_transaction_session_timeout */
	{ "25006", { ERR_UNAVAILABLE, true } },  /* a standby: find the primary again */
	{ "26000", { ERR_UNAVAILABLE, true } },  /* prepared statements are gone: make them anew */
	{ "0A000", { ERR_UNAVAILABLE, true } },  /* a migration changed a result: prepare anew */
	{ "40001", { ERR_RETRY, false } },       /* serialization failure */
	{ "40P01", { ERR_RETRY, false } },       /* deadlock */
	{ "23505", { ERR_CONFLICT, false } },    /* unique */
	{ "23503", { ERR_CONFLICT, false } },    /* foreign key */
	{ "23P01", { ERR_CONFLICT, false } },    /* exclusion */
	{ "23502", { ERR_INVALID, false } },     /* not null */
	{ "23514", { ERR_INVALID, false } },     /* check */
	{ "22", { ERR_INVALID, false } },        /* out of range, bad encoding, bad syntax */
};

struct sqlstate_meaning sqlstate_meaning(const char *sqlstate)
{
	if (!sqlstate)
		return (struct sqlstate_meaning){ ERR_UNAVAILABLE, true };
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strncmp(sqlstate, meanings[i].prefix, strlen(meanings[i].prefix)) == 0)
			return meanings[i].meaning;
	return (struct sqlstate_meaning){ ERR_INTERNAL, false };
}
