#include "jobs_priv.h"

#include "pg/pg.h"

#define DELETE_SOME(table, key, condition)                                                         \
	"DELETE FROM " table " WHERE (" key ") IN (SELECT " key " FROM " table " WHERE " condition \
	" LIMIT $1)"

/* A part at a time: no statement runs into its time-out, no transaction grows large. */
#define CLEANUP(table, key, condition)                                           \
	{                                                                        \
		.name = "cleanup_" table, .params = { PG_INT }, .rows = PG_NONE, \
		.sql = DELETE_SOME(table, key, condition)                        \
	}
/* What is kept for as many days as a setting says. */
#define CLEANUP_OLD(table, key, since)                                                   \
	{                                                                                \
		.name = "cleanup_" table, .params = { PG_INT, PG_INT }, .rows = PG_NONE, \
		.sql = DELETE_SOME(table, key,                                           \
			"$2 > 0 AND " since " < now() - make_interval(days => $2::int)") \
	}
#define CLEANUP_STATISTICS(table) CLEANUP_OLD(table, "number", "created_at")

/* Of the row g of statistics_senders_gone. */
#define SENT_BY_GONE                                                                         \
	" r.domain = g.domain AND r.from_username = g.username AND r.from_domain = g.domain" \
	" AND r.created_at <= g.created_at"
#define SENT_NONE(table)                                                                     \
	"NOT EXISTS (SELECT FROM statistics_senders_gone g JOIN " table " r ON" SENT_BY_GONE \
	" WHERE g.id = statistics_senders_gone.id)"
#define CLEANUP_OF_GONE(table)                                                                     \
	{                                                                                          \
		.name = "cleanup_" table "_of_gone", .params = { PG_INT }, .rows = PG_NONE,        \
		.sql = "DELETE FROM " table " WHERE number IN (SELECT r.number FROM"               \
		       " statistics_senders_gone g JOIN " table " r ON" SENT_BY_GONE " LIMIT $1)", \
	}

const struct stmt jobs_stmts[CLEANUP_COUNT + 1] = {
	[CLEANUP_SESSIONS] = CLEANUP("sessions", "jti",
		"expires_at < now() - interval '30 days' OR revoked_at < now() - interval '30 "
		"days'"),
	[CLEANUP_API_KEYS] = CLEANUP("api_keys", "id",
		"expires_after_last_used_minutes > 0 AND coalesce(last_used_at, created_at)"
		" + make_interval(mins => expires_after_last_used_minutes::int) < now()"),
	[CLEANUP_DIGEST_NONCES] = CLEANUP("digest_nonces", "nonce", "expires_at < now()"),
	[CLEANUP_RESET_TOKENS] = CLEANUP(
		"reset_password_email_tokens", "id", "expires_at < now() - interval '7 days'"),
	[CLEANUP_WIZARDS] =
		CLEANUP("wizards", "token_hash", "expires_at < now() - interval '7 days'"),
	[CLEANUP_AUTH_TOKENS] = CLEANUP("auth_tokens", "id", "expires_at < now()"),
	[CLEANUP_GUESSES] = CLEANUP("guesses", "subject", "ends_at < now() - interval '1 day'"),
	[CLEANUP_JOBS] = CLEANUP_OLD("jobs", "id", "ended_at"),
	[CLEANUP_JOB_PACES] =
		CLEANUP("job_paces", "backend, domain", "next_at < now() - interval '1 hour'"),
	/* Longer than any of them is good, or counted. */
	[CLEANUP_EMAIL_CODES] =
		CLEANUP("email_change_codes", "id", "created_at < now() - interval '2 days'"),
	[CLEANUP_PHONE_CODES] =
		CLEANUP("phone_change_codes", "id", "created_at < now() - interval '2 days'"),
	[CLEANUP_KNOWN_NETWORKS] = CLEANUP("known_networks", "account_id, network",
		"last_success < now() - interval '30 days'"),
	/* A used one is the proof that its account is a person's, while there is that account. */
	[CLEANUP_CREATION_TOKENS] = CLEANUP("account_creation_tokens", "id",
		"(NOT used AND expires_at < now() - interval '7 days')"
		" OR (used AND account_id IS NULL AND updated_at < now() - interval '7 days')"),
	[CLEANUP_REQUEST_TOKENS] = CLEANUP(
		"account_creation_request_tokens", "id", "expires_at < now() - interval '7 days'"),
	[CLEANUP_RECOVERY_TOKENS] =
		CLEANUP("account_recovery_tokens", "id", "expires_at < now() - interval '7 days'"),
	[CLEANUP_MESSAGES] = CLEANUP_STATISTICS("statistics_messages"),
	[CLEANUP_CALLS] = CLEANUP_STATISTICS("statistics_calls"),
	[CLEANUP_MESSAGES_OF_GONE] = CLEANUP_OF_GONE("statistics_messages"),
	[CLEANUP_CALLS_OF_GONE] = CLEANUP_OF_GONE("statistics_calls"),
	/* What connections have counted, a range of ids at a time: its rows become one, or none where nothing
	 * is left.  A row that one of them writes at the moment stays for the next time, so this waits for
	 * nothing but another process that does the same, in the same order. */
	[CLEANUP_ACCOUNTS_COUNTS] = {
		.name = "cleanup_accounts_counts",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "WITH range AS MATERIALIZED (SELECT DISTINCT domain, kind, bucket"
		       "  FROM accounts_counts WHERE slot <> 0 ORDER BY domain, kind, bucket LIMIT $1),"
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
	[CLEANUP_GONE] = CLEANUP("statistics_senders_gone", "id",
		SENT_NONE("statistics_messages") " AND " SENT_NONE("statistics_calls")),
};

enum err cleanup_store_run(
	struct service *s, enum cleanup what, const struct cleanup_plan *plan, int64_t *ret_removed)
{
	int64_t days = what == CLEANUP_JOBS ? plan->dead_days : plan->statistics_days;
	const struct pg_value values[] = { pg_int(CLEANUP_AT_ONCE), pg_int(days) };
	size_t n = jobs_stmts[what].params[1] == PG_NO_TYPE ? 1 : 2;

	return pg_run(s->pg, &jobs_stmts[what], ret_removed, values, n);
}
