#include "jobs_priv.h"

#include "pg/pg.h"

/* A part at a time: no statement runs into its time-out, no transaction grows large. */
#define CLEANUP(table, key, condition)                                                        \
	{                                                                                     \
		.name = "cleanup_" table, .params = { PG_INT }, .rows = PG_NONE,              \
		.sql = "DELETE FROM " table " WHERE (" key ") IN (SELECT " key " FROM " table \
		       " WHERE " condition " LIMIT $1)"                                       \
	}

const struct stmt jobs_stmts[CLEANUP_COUNT + 1] = {
	[CLEANUP_SESSIONS] = CLEANUP("sessions", "jti",
		"expires_at < now() - interval '30 days' OR revoked_at < now() - interval '30 "
		"days'"),
	[CLEANUP_API_KEYS] = CLEANUP("api_keys", "id",
		"expires_after_last_used_minutes > 0 AND coalesce(last_used_at, created_at)"
		" + make_interval(mins => expires_after_last_used_minutes::int) < now()"),
	[CLEANUP_DIGEST_NONCES] = CLEANUP("digest_nonces", "nonce", "expires_at < now()"),
	[CLEANUP_AUTH_TOKENS] = CLEANUP("auth_tokens", "id", "expires_at < now()"),
	[CLEANUP_GUESSES] = CLEANUP("guesses", "subject", "ends_at < now() - interval '1 day'"),
	[CLEANUP_JOBS] = CLEANUP("jobs", "id", "expires_at < now()"),
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
};

enum err cleanup_store_run(struct service *s, enum cleanup what, int64_t *ret_removed)
{
	return pg_run(s->pg, &jobs_stmts[what], ret_removed, PG_VALUES(pg_int(CLEANUP_AT_ONCE)));
}
