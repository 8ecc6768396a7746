#include "passwords_priv.h"

#include "pg/pg.h"

enum { PASSWORD_HOLD, PASSWORD_IS, PASSWORD_FOLLOW, PASSWORD_STMTS };

static const struct field who_fields[] = {
	FIELD_INT(identity, account_id),
	FIELD_TEXT(identity, jti),
	FIELD_BYTES(identity, key_hash),
	FIELDS_END,
};

struct stored_query {
	int64_t account_id;
	const char *ha1;
};
static const struct field query_fields[] = {
	FIELD_INT(stored_query, account_id),
	FIELD_TEXT(stored_query, ha1, .flags = FIELD_SECRET),
	FIELDS_END,
};

struct stored_row {
	bool stored;
};
static const struct field stored_fields[] = { FIELD_BOOL(stored_row, stored), FIELDS_END };

struct held_row {
	int64_t id;
	const char *spared;
};
static const struct field held_fields[] = {
	FIELD_INT(held_row, id),
	FIELD_TEXT(held_row, spared),
	FIELDS_END,
};

#define WHO .in = who_fields, .in_size = sizeof(struct identity)

const struct stmt passwords_stmts[PASSWORD_STMTS + 1] = {
	[PASSWORD_HOLD] = {
		.name = "password_hold",
		WHO,
		.row = held_fields,
		.row_size = sizeof(struct held_row),
		.rows = PG_MAY_ONE,
		/* session_spared() reads it. */
		.sql = "SELECT id, set_config('dialtone.spared_session', coalesce($jti, ''), true)"
		       " AS spared FROM accounts WHERE id = $account_id FOR NO KEY UPDATE",
	},
	/* A statement of its own: behind the lock it sees what others have committed meanwhile. */
	[PASSWORD_IS] = {
		.name = "password_is",
		.in = query_fields,
		.in_size = sizeof(struct stored_query),
		.row = stored_fields,
		.row_size = sizeof(struct stored_row),
		.rows = PG_ONE,
		.sql = "SELECT CASE WHEN $ha1 IS NULL THEN count(*) = 0"
		       " ELSE coalesce(bool_or(password = $ha1), false) END AS stored"
		       " FROM passwords WHERE account_id = $account_id",
	},
	[PASSWORD_FOLLOW] = {
		.name = "password_follow",
		WHO,
		.rows = PG_NONE,
		.sql = "WITH k AS (DELETE FROM api_keys WHERE account_id = $account_id"
		       "  AND key_hash IS DISTINCT FROM $key_hash),"
		       " t AS (DELETE FROM provisioning_tokens"
		       "  WHERE account_id = $account_id AND NOT used)"
		       " UPDATE accounts SET activated = activated OR NOT deactivated_by_admin,"
		       "  updated_at = now() WHERE id = $account_id",
	},
};

enum err password_store_hold(struct service *s, const struct identity *who)
{
	struct held_row held;

	return pg_one(s->pg, &passwords_stmts[PASSWORD_HOLD], s->arena, &held, PG_IN(who));
}

enum err password_store_is(struct service *s, int64_t account_id, const char *ha1, bool *ret)
{
	const struct stored_query q = { account_id, ha1 };
	struct stored_row row;
	enum err e = pg_one(s->pg, &passwords_stmts[PASSWORD_IS], NULL, &row, PG_IN(&q));

	if (e == ERR_OK)
		*ret = row.stored;
	return e;
}

enum err password_store_follow(struct service *s, const struct identity *who)
{
	return pg_run(s->pg, &passwords_stmts[PASSWORD_FOLLOW], NULL, PG_IN(who));
}
