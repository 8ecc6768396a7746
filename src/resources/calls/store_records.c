#include "calls_priv.h"

#include "pg/pg.h"

enum { CALL_ADD, RECORDS_STMTS };

#define TEXT(column, most) "left(r." column ", " most ")"
#define WORD(column, most) "coalesce(" TEXT(column, most) ", '') AS " column
/* An instant that no clock shows is none. */
#define INSTANT(name)                                                                           \
	"CASE WHEN r." name "_us BETWEEN 1 AND 4102444800000000 THEN to_timestamp(0) + r." name \
	"_us * interval '1 microsecond' END"
#define PARTY(end)                                                                               \
	" nullif(r." end "_account_id, 0) AS " end "_account_id, lower(" TEXT(end "_domain",     \
		"255") ") AS " end "_domain, " WORD(end "_number", "255") ", " TEXT(end "_name", \
		"255") " AS " end "_name, " TEXT(end "_exten", "64") " AS " end "_exten"
#define PARTY_TYPES(end)                                                         \
	end "_account_id bigint, " end "_domain text, " end "_number text, " end \
	    "_name text, " end "_exten text"
#define PARTY_COLUMNS(end) \
	end "_account_id, " end "_domain, " end "_number, " end "_name, " end "_exten"
/* An end as the space o knows it: accounts and devices of others are not its business. */
#define OWN(end, column) "CASE WHEN g." end "_domain = o.domain THEN g." end "_" column " END"
#define PARTY_OF_SPACE(end)    \
	OWN(end, "account_id") \
	", coalesce(g." end "_domain, ''), g." end "_number, g." end "_name, " OWN(end, "exten")

/* An end as statistics know it: the account's name, and something even where a phone told nothing. */
#define REPORTED(end)                                                                         \
	"coalesce((SELECT username FROM accounts WHERE id = g." end "_account_id),"           \
	" nullif(g." end "_number, ''), 'anonymous'), coalesce(nullif(g." end "_domain, '')," \
	" 'anonymous.invalid')"
/* What became of a call, in their words. */
#define STATE                                                             \
	"CASE WHEN g.answered_at IS NOT NULL THEN 'accepted'"             \
	" WHEN g.cause = 'answered_elsewhere' THEN 'accepted_elsewhere'"  \
	" WHEN g.cause IN ('user_busy', 'call_rejected') THEN 'declined'" \
	" WHEN g.cause IN ('normal_clearing', 'no_answer') THEN 'canceled' ELSE 'error' END"

const struct stmt calls_records_stmts[RECORDS_STMTS + 1] = {
	/* A space that is being removed has none; one that is removed meanwhile waits for us.  A call is reported by the
	 * space that it comes from, if that is ours.  What several processes write they write in one order. */
	[CALL_ADD] = {
		.name = "calls_add",
		.params = { PG_JSON, PG_BOOL },
		.rows = PG_NONE,
		.sql = "WITH given AS MATERIALIZED (SELECT " WORD("call_id", "255") ", "
		       WORD("linked_id", "64") "," PARTY("from") "," PARTY("to") ","
		       "  coalesce(" INSTANT("started") ", " INSTANT("ended") ", now()) AS started_at,"
		       "  " INSTANT("rang") " AS rang_at, " INSTANT("answered") " AS answered_at,"
		       "  coalesce(" INSTANT("ended") ", now()) AS ended_at,"
		       "  " WORD("cause", "64") ", nullif(r.code, 0) AS code"
		       "  FROM jsonb_to_recordset($1) AS r (call_id text, linked_id text, "
		       PARTY_TYPES("from") ", " PARTY_TYPES("to") ", started_us bigint,"
		       "   rang_us bigint, answered_us bigint, ended_us bigint, cause text, code bigint)),"
		       " ours AS MATERIALIZED (SELECT s.domain FROM spaces s WHERE s.ends IS NULL"
		       "  AND s.domain = ANY (ARRAY(SELECT from_domain FROM given"
		       "   UNION SELECT to_domain FROM given)) ORDER BY s.domain FOR KEY SHARE),"
		       " added AS (INSERT INTO calls (domain, call_id, linked_id, "
		       PARTY_COLUMNS("from") ", " PARTY_COLUMNS("to") ","
		       "   started_at, rang_at, answered_at, ended_at, cause, code)"
		       "  SELECT o.domain, g.call_id, g.linked_id, " PARTY_OF_SPACE("from") ", "
		       PARTY_OF_SPACE("to") ", g.started_at, g.rang_at, g.answered_at, g.ended_at,"
		       "   g.cause, g.code"
		       "   FROM given g JOIN ours o ON o.domain IN (g.from_domain, g.to_domain)"
		       "   ORDER BY o.domain, g.linked_id, g.call_id"
		       "  ON CONFLICT (domain, linked_id, call_id) DO NOTHING"
		       "  RETURNING domain, linked_id, call_id),"
		       " reported AS (INSERT INTO statistics_calls (id, domain, from_username,"
		       "   from_domain, to_username, to_domain, initiated_at, ended_at)"
		       "  SELECT g.linked_id, a.domain, " REPORTED("from") ", " REPORTED("to") ","
		       "   g.started_at, g.ended_at"
		       "   FROM added a JOIN given g USING (linked_id, call_id)"
		       "   WHERE $2 AND g.linked_id <> '' AND (a.domain = g.from_domain"
		       "    OR NOT EXISTS (SELECT FROM ours o WHERE o.domain = g.from_domain))"
		       "  ON CONFLICT (id, domain) DO NOTHING RETURNING number, id, domain)"
		       " INSERT INTO statistics_call_devices (call, device_id, rang_at,"
		       "  invite_terminated_at, invite_terminated_state)"
		       " SELECT n.number, g.to_exten, g.rang_at, coalesce(g.answered_at, g.ended_at),"
		       "  " STATE
		       "  FROM reported n JOIN given g ON g.linked_id = n.id WHERE g.to_exten <> ''"
		       "   AND n.domain IN (g.from_domain, g.to_domain)"
		       " ON CONFLICT (call, device_id) DO NOTHING",
	},
};

enum err call_store_add(struct service *s, const char *records, bool reported)
{
	return pg_run(s->pg, &calls_records_stmts[CALL_ADD], NULL,
		PG_VALUES(pg_json(records), pg_bool(reported)));
}
