#include "jobs_priv.h"

#include "pg/pg.h"

/* The oldest first, so that it is an index which tells them; by their places in the table, whatever their number.
 * The condition holds for what another transaction has changed since, too. */
#define DELETE_SOME(table, by, condition)                                       \
	"DELETE FROM " table " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " table \
	" WHERE " condition " ORDER BY " by " LIMIT $1)) AND " condition

/* A part at a time: no statement runs into its time-out, no transaction grows large. */
#define CLEANUP_AS(called, table, by, condition)                                  \
	{                                                                         \
		.name = "cleanup_" called, .params = { PG_INT }, .rows = PG_NONE, \
		.sql = DELETE_SOME(table, by, condition)                          \
	}
#define CLEANUP(table, by, condition) CLEANUP_AS(table, table, by, condition)
/* Where `by` is so long ago. */
#define CLEANUP_SINCE(table, by, ago) CLEANUP(table, by, by " < now() - interval '" ago "'")
/* What is kept for as many days as a setting says. */
#define CLEANUP_OLD(table, since)                                                        \
	{                                                                                \
		.name = "cleanup_" table, .params = { PG_INT, PG_INT }, .rows = PG_NONE, \
		.sql = DELETE_SOME(table, since,                                         \
			"$2 > 0 AND " since " < now() - make_interval(days => $2::int)") \
	}

/* Of the row g of statistics_senders_gone. */
#define SENT_BY_GONE                                                                         \
	" r.domain = g.domain AND r.from_username = g.username AND r.from_domain = g.domain" \
	" AND r.created_at <= g.created_at"
/* Those whose turn it is: the first of them go when nothing of theirs is left. */
#define GONE_FIRST              "(SELECT * FROM statistics_senders_gone ORDER BY id LIMIT 20) g"
#define SENT(what, table, most) "SELECT " what " FROM " table " r WHERE" SENT_BY_GONE " LIMIT " most
#define CLEANUP_OF_GONE(table)                                                               \
	{                                                                                    \
		.name = "cleanup_" table "_of_gone", .params = { PG_INT }, .rows = PG_NONE,  \
		.sql = "DELETE FROM " table                                                  \
		       " WHERE ctid = ANY (ARRAY(SELECT r.ctid FROM " GONE_FIRST             \
		       " CROSS JOIN LATERAL (" SENT("r.ctid", table, "$1") ") r LIMIT $1))", \
	}

#define COUNTS_LOCK "7235419170889131623" /* any number, always this one */

const struct stmt jobs_stmts[CLEANUP_COUNT + 1] = {
	[CLEANUP_SESSIONS] = CLEANUP_SINCE("sessions", "expires_at", "30 days"),
	[CLEANUP_REVOKED_SESSIONS] = CLEANUP_AS("revoked_sessions", "sessions", "revoked_at",
		"revoked_at < now() - interval '30 days'"),
	[CLEANUP_API_KEYS] = CLEANUP("api_keys", "id",
		"expires_after_last_used_minutes > 0 AND coalesce(last_used_at, created_at)"
		" + make_interval(mins => expires_after_last_used_minutes::int) < now()"),
	[CLEANUP_DIGEST_NONCES] = CLEANUP("digest_nonces", "expires_at", "expires_at < now()"),
	[CLEANUP_RESET_TOKENS] = CLEANUP_SINCE("reset_password_email_tokens", "expires_at", "7 days"),
	[CLEANUP_WIZARDS] = CLEANUP_SINCE("wizards", "expires_at", "7 days"),
	[CLEANUP_AUTH_TOKENS] = CLEANUP("auth_tokens", "expires_at", "expires_at < now()"),
	[CLEANUP_GUESSES] = CLEANUP_SINCE("guesses", "ends_at", "1 day"),
	[CLEANUP_JOBS] = CLEANUP_OLD("jobs", "ended_at"),
	[CLEANUP_JOB_PACES] = CLEANUP_SINCE("job_paces", "next_at", "1 hour"),
	/* Longer than any of them is good, or counted. */
	[CLEANUP_EMAIL_CODES] = CLEANUP_SINCE("email_change_codes", "created_at", "2 days"),
	[CLEANUP_PHONE_CODES] = CLEANUP_SINCE("phone_change_codes", "created_at", "2 days"),
	[CLEANUP_KNOWN_NETWORKS] = CLEANUP_SINCE("known_networks", "last_success", "30 days"),
	/* A used one is the proof that its account is a person's, while there is that account. */
	[CLEANUP_CREATION_TOKENS] = CLEANUP("account_creation_tokens", "expires_at",
		"NOT used AND expires_at < now() - interval '7 days'"),
	[CLEANUP_LEFT_TOKENS] = CLEANUP_AS("left_tokens", "account_creation_tokens", "updated_at",
		"used AND account_id IS NULL AND updated_at < now() - interval '7 days'"),
	[CLEANUP_REQUEST_TOKENS] =
		CLEANUP_SINCE("account_creation_request_tokens", "expires_at", "7 days"),
	[CLEANUP_RECOVERY_TOKENS] =
		CLEANUP_SINCE("account_recovery_tokens", "expires_at", "7 days"),
	[CLEANUP_MESSAGES] = CLEANUP_OLD("statistics_messages", "created_at"),
	[CLEANUP_CALLS] = CLEANUP_OLD("statistics_calls", "created_at"),
	[CLEANUP_HISTORY] = CLEANUP_OLD("calls", "created_at"),
	/* They came in the order of their ids. */
	[CLEANUP_AUDIT] = {
		.name = "cleanup_audit",
		.params = { PG_INT, PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM audit WHERE ctid = ANY (ARRAY(SELECT o.ctid FROM"
		       " (SELECT ctid, at FROM audit ORDER BY id LIMIT $1) o WHERE $2 > 0"
		       " AND o.at < now() - make_interval(days => $2::int)))",
	},
	[CLEANUP_MESSAGES_OF_GONE] = CLEANUP_OF_GONE("statistics_messages"),
	[CLEANUP_CALLS_OF_GONE] = CLEANUP_OF_GONE("statistics_calls"),
	/* What connections have counted: the rows of a bucket become one, or none where nothing is left.  A row
	 * that one of them writes at the moment stays for the next time, and one process does this at a time: it
	 * waits for nothing. */
	[CLEANUP_ACCOUNTS_COUNTS] = {
		.name = "cleanup_accounts_counts",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "WITH range AS MATERIALIZED (SELECT DISTINCT domain, kind, bucket"
		       "  FROM accounts_counts WHERE slot <> 0"
		       "   AND (SELECT pg_try_advisory_xact_lock(" COUNTS_LOCK "))"
		       "  ORDER BY domain, kind, bucket LIMIT $1),"
		       " free AS MATERIALIZED (SELECT c.domain, c.kind, c.bucket, c.slot"
		       "  FROM range CROSS JOIN LATERAL (SELECT * FROM accounts_counts n WHERE"
		       "   (n.domain, n.kind, n.bucket) = (range.domain, range.kind, range.bucket)"
		       "   FOR UPDATE SKIP LOCKED) c),"
		       " loose AS (DELETE FROM accounts_counts c USING free WHERE"
		       "  (c.domain, c.kind, c.bucket, c.slot)"
		       "   = (free.domain, free.kind, free.bucket, free.slot)"
		       "  RETURNING c.domain, c.kind, c.bucket, c.n)"
		       " INSERT INTO accounts_counts AS c (domain, kind, bucket, slot, n)"
		       " SELECT domain, kind, bucket, 0, sum(n) FROM loose GROUP BY 1, 2, 3"
		       " HAVING sum(n) <> 0 ORDER BY 1, 2, 3"
		       " ON CONFLICT (domain, kind, bucket, slot) DO UPDATE SET n = c.n + excluded.n",
	},
	[CLEANUP_GONE] = { .name = "cleanup_statistics_senders_gone",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM statistics_senders_gone WHERE ctid = ANY (ARRAY("
		       "SELECT g.ctid FROM (SELECT ctid, * FROM statistics_senders_gone"
		       " ORDER BY id LIMIT least(20, $1)) g"
		       " WHERE (" SENT("r.number", "statistics_messages", "1") ") IS NULL"
		       " AND (" SENT("r.number", "statistics_calls", "1") ") IS NULL))" },
};

enum err cleanup_store_run(
	struct service *s, enum cleanup what, const struct cleanup_plan *plan, int64_t *ret_removed)
{
	int64_t days = what == CLEANUP_JOBS      ? plan->dead_days
		       : what == CLEANUP_HISTORY ? plan->calls_days
		       : what == CLEANUP_AUDIT   ? plan->audit_days
						 : plan->statistics_days;
	const struct pg_value values[] = { pg_int(CLEANUP_AT_ONCE), pg_int(days) };
	size_t n = jobs_stmts[what].params[1] == PG_NO_TYPE ? 1 : 2;

	return pg_run(s->pg, &jobs_stmts[what], ret_removed, values, n);
}
