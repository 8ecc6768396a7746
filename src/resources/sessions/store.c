#include "sessions_priv.h"
#include "resources/sessions/session.h"

#include "pg/pg.h"
#include "service/columns.h"
#include "service/subject_call.h"

enum {
	SESSION_INSERT,
	SESSION_REVOKE,
	SESSION_REVOKE_OF,
	SESSION_REVOKE_ALL,
	SESSION_REPLACE,
	SESSION_WRONG_CODE,
	SESSION_LIST,
	SESSION_OF_CALLER,
	SESSION_TOUCH,
	SESSION_HAS_AUDIENCE,
	SESSION_LOCK_ACCOUNT,
	SESSION_REVOKE_AUDIENCE,
	SESSION_STMTS
};

struct yes_row {
	bool yes;
};
static const struct field yes_fields[] = { FIELD_BOOL(yes_row, yes), FIELDS_END };

/* What sessions are asked for by; a statement takes of it what it names. */
struct session_query {
	const char *jti, *but, *and_but, *replaced_by, *audience;
	int64_t account_id, grace_s, limit;
};
static const struct field query_fields[] = {
	FIELD_TEXT(session_query, jti),
	FIELD_TEXT(session_query, but),
	FIELD_TEXT(session_query, and_but),
	FIELD_TEXT(session_query, replaced_by),
	FIELD_TEXT(session_query, audience),
	FIELD_INT(session_query, account_id),
	FIELD_INT(session_query, grace_s),
	FIELD_INT(session_query, limit),
	FIELDS_END,
};
#define QUERY .in = query_fields, .in_size = sizeof(struct session_query)

#define IS_LIVE "(revoked_at IS NULL OR revoked_at > now())"
const struct stmt sessions_stmts[SESSION_STMTS + 1] = {
	[SESSION_INSERT] = {
		.name = "session_insert",
		.params = { PG_TEXT, PG_INT, PG_TEXT, PG_BOOL, PG_BOOL, PG_INET, PG_TEXT, PG_TIME },
		.rows = PG_NONE,
		.sql = "INSERT INTO sessions (jti, account_id, audience, two_factor, otp_verified, ip,"
		       " user_agent, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	},
	[SESSION_REVOKE] = {
		.name = "session_revoke",
		QUERY,
		.rows = PG_NONE,
		.sql = "UPDATE sessions SET revoked_at = now() WHERE jti = $jti AND " IS_LIVE,
	},
	[SESSION_REVOKE_OF] = {
		.name = "session_revoke_of",
		QUERY,
		.rows = PG_NONE,
		.sql = "UPDATE sessions SET revoked_at = now() WHERE account_id = $account_id AND jti = $jti"
		       " AND expires_at > now() AND " IS_LIVE,
	},
	[SESSION_REVOKE_ALL] = {
		.name = "session_revoke_all",
		QUERY,
		.row = yes_fields,
		.row_size = sizeof(struct yes_row),
		.rows = PG_ONE,
		.sql = "SELECT sessions_end_some($account_id,"
		       " array_remove(ARRAY[$but, $and_but], NULL), true) AS yes",
	},
	[SESSION_REPLACE] = {
		.name = "session_replace",
		QUERY,
		.rows = PG_NONE,
		.sql = "UPDATE sessions SET replaced_by = $replaced_by,"
		       " revoked_at = now() + make_interval(secs => $grace_s)"
		       " WHERE jti = $jti AND revoked_at IS NULL",
	},
	[SESSION_WRONG_CODE] = {
		.name = "session_wrong_code",
		QUERY,
		.rows = PG_NONE,
		.sql = "UPDATE sessions SET wrong_codes = wrong_codes + 1,"
		       " revoked_at = CASE WHEN wrong_codes + 1 >= $limit THEN now() ELSE revoked_at END"
		       " WHERE jti = $jti AND " IS_LIVE,
	},
	[SESSION_OF_CALLER] = {
		.name = "session_of_caller",
		SUBJECT_KEY,
		.row = session_fields,
		.row_size = sizeof(struct session),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM sessions WHERE account_id = " SUBJECT_CALLER " AND jti = $name"
		       " AND expires_at > now() AND " IS_LIVE,
	},
	[SESSION_LIST] = {
		.name = "session_list",
		SUBJECT_KEY,
		.row = session_fields,
		.row_size = sizeof(struct session),
		.rows = PG_MANY,
		.sql = "SELECT {row se} FROM accounts a JOIN sessions se ON se.account_id = a.id"
		       " WHERE a.id = " SUBJECT_CALLER
		       " AND se.revoked_at IS NULL AND se.expires_at > now() AND " SESSION_HOLDS
		       " ORDER BY se.issued_at DESC, se.jti LIMIT 1000",
	},
	/* One that is being changed or deleted is left out: many at once would wait for each other. */
	[SESSION_TOUCH] = {
		.name = "session_touch",
		.params = { PG_TEXTS },
		.rows = PG_NONE,
		.sql = "UPDATE sessions SET last_used_at = now() WHERE jti IN (SELECT jti FROM sessions"
		       " WHERE jti = ANY ($1)"
		       " AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')"
		       " FOR NO KEY UPDATE SKIP LOCKED)",
	},
	[SESSION_HAS_AUDIENCE] = {
		.name = "session_has_audience",
		QUERY,
		.row = yes_fields,
		.row_size = sizeof(struct yes_row),
		.rows = PG_ONE,
		.sql = "SELECT EXISTS (SELECT FROM accounts a JOIN sessions se ON se.account_id = a.id"
		       " WHERE a.id = $account_id AND se.audience = $audience"
		       " AND se.revoked_at IS NULL AND se.expires_at > now() AND " SESSION_HOLDS
		       ") AS yes",
	},
	[SESSION_LOCK_ACCOUNT] = {
		.name = "session_lock_account",
		QUERY,
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "SELECT id FROM accounts WHERE id = $account_id FOR NO KEY UPDATE",
	},
	[SESSION_REVOKE_AUDIENCE] = {
		.name = "session_revoke_audience",
		QUERY,
		.rows = PG_NONE,
		/* From indexes: the account may have many that have ended. */
		.sql = "UPDATE sessions SET revoked_at = now() WHERE jti = ANY (ARRAY("
		       " SELECT jti FROM sessions WHERE account_id = $account_id"
		       "  AND audience = $audience AND revoked_at IS NULL"
		       " UNION ALL SELECT jti FROM sessions WHERE account_id = $account_id"
		       "  AND audience = $audience AND revoked_at > now())) AND " IS_LIVE,
	},
};

enum err session_store_insert(
	struct service *s, const struct session_row *row, struct profile_grants *ret)
{
	struct pg_call insert = { .stmt = &sessions_stmts[SESSION_INSERT],
		PG_VALUES(pg_text(row->jti), pg_int(row->account_id), pg_text(row->audience),
			pg_bool(row->two_factor), pg_bool(row->otp_verified), pg_inet(row->ip),
			pg_text(row->user_agent), pg_time(row->expires_at)) };
	const struct subject_key key = { .caller_id = row->account_id };
	struct subject_lookup grants = { .subject = &grants_of_caller, .key = &key };
	enum err e = subject_call_with(s, &insert, &grants, SUBJECT_CALLER_IS_LEFT);

	if (e == ERR_OK)
		e = grants.result;
	if (e == ERR_OK)
		*ret = *(const struct profile_grants *)grants.row;
	return e;
}

/* A change that has to find a live session. */
static enum err changed(struct service *s, int stmt, const struct session_query *q)
{
	return pg_change(s->pg, &sessions_stmts[stmt], ERR_NOT_FOUND, PG_IN(q));
}

enum err session_store_revoke(struct service *s, const char *jti)
{
	return changed(s, SESSION_REVOKE, &(struct session_query){ .jti = jti });
}

enum err session_store_revoke_of(struct service *s, int64_t account_id, const char *jti)
{
	const struct session_query q = { .account_id = account_id, .jti = jti };

	return changed(s, SESSION_REVOKE_OF, &q);
}

enum err session_end_all_but(
	struct service *s, int64_t account_id, const char *but, const char *and_but)
{
	const struct session_query q = { .account_id = account_id, .but = but, .and_but = and_but };
	struct yes_row more;

	return pg_one(s->pg, &sessions_stmts[SESSION_REVOKE_ALL], NULL, &more, PG_IN(&q));
}

enum err session_replace(
	struct service *s, const char *old_jti, const char *new_jti, int64_t grace_s)
{
	const struct session_query q = {
		.jti = old_jti, .replaced_by = new_jti, .grace_s = grace_s
	};

	return changed(s, SESSION_REPLACE, &q);
}

enum err session_count_wrong_code(struct service *s, const char *jti, int64_t limit)
{
	const struct session_query q = { .jti = jti, .limit = limit };

	return pg_run(s->pg, &sessions_stmts[SESSION_WRONG_CODE], NULL, PG_IN(&q));
}

enum err session_store_touch(struct service *s, const char *const *jtis, size_t n)
{
	return pg_run(s->pg, &sessions_stmts[SESSION_TOUCH], NULL, PG_VALUES(pg_texts(jtis, n)));
}

enum err session_exists_for(struct service *s, int64_t account_id, const char *audience, bool *ret)
{
	const struct session_query q = { .account_id = account_id, .audience = audience };
	struct yes_row row;
	enum err e = pg_one(s->pg, &sessions_stmts[SESSION_HAS_AUDIENCE], NULL, &row, PG_IN(&q));

	if (e == ERR_OK)
		*ret = row.yes;
	return e;
}

enum err session_end_for(struct service *s, int64_t account_id, const char *audience)
{
	const struct session_query q = { .account_id = account_id, .audience = audience };
	struct pg_id locked;
	enum err e = pg_one(s->pg, &sessions_stmts[SESSION_LOCK_ACCOUNT], NULL, &locked, PG_IN(&q));

	if (e != ERR_OK)
		return e;
	return pg_run(s->pg, &sessions_stmts[SESSION_REVOKE_AUDIENCE], NULL, PG_IN(&q));
}

static const struct field jti_in_path[] = {
	FIELD_TEXT_AS(subject_key, name, "jti", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = SESSION_JTI_MAX, .doc = "Identifier of the session"),
	FIELDS_END,
};

const struct subject session_subject = { .name = "session",
	.path = jti_in_path,
	.find = &sessions_stmts[SESSION_OF_CALLER],
	.of_caller = true };
const struct subject sessions_own = {
	.name = "sessions", .find = &sessions_stmts[SESSION_LIST], .of_caller = true
};
