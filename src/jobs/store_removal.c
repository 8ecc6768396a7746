#include "removal_priv.h"

#include "jobs/removal.h"
#include "pg/pg.h"

enum {
	REMOVAL_TAKE,
	REMOVAL_END_SESSIONS,
	REMOVAL_SESSIONS_ENDED,
	REMOVAL_DROP_ACCOUNTS,
	REMOVAL_DROP_SPACE,
	REMOVAL_DROP_ROWS, /* and those of other tables */
	REMOVAL_STMTS = REMOVAL_DROP_ROWS + REMOVAL_TABLES
};

static const struct field ending_fields[] = {
	FIELD_INT(ending_space, id),
	FIELD_TEXT(ending_space, domain),
	FIELD_TEXT(ending_space, ends_request_id),
	FIELD_BOOL(ending_space, has_sessions, .column = "ends = 'sessions'"),
	FIELDS_END,
};

/* What the space itself has much of. */
#define DROP_ROWS(n, table)                                                       \
	[REMOVAL_DROP_ROWS + (n)] = {                                             \
		.name = "removal_drop_" table,                                    \
		.params = { PG_TEXT, PG_INT },                                    \
		.rows = PG_NONE,                                                  \
		.sql = "DELETE FROM " table " WHERE ctid = ANY (ARRAY("           \
		       "SELECT ctid FROM " table " WHERE domain = $1 LIMIT $2))", \
	}

static const struct stmt removal_stmts[REMOVAL_STMTS + 1] = {
	[REMOVAL_TAKE] = {
		.name = "removal_take",
		.row = ending_fields,
		.row_size = sizeof(struct ending_space),
		.rows = PG_MAY_ONE,
		.sql = "WITH taken AS MATERIALIZED (SELECT * FROM spaces WHERE ends IS NOT NULL"
		       "  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED),"
		       " said AS MATERIALIZED (SELECT set_config('dialtone.request',"
		       "  coalesce(ends_request_id, ''), true) FROM taken)"
		       " SELECT {row} FROM taken, said",
	},
	[REMOVAL_END_SESSIONS] = {
		.name = "removal_end_sessions",
		.params = { PG_TEXT, PG_INT, PG_INT },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_ONE,
		.sql = "WITH few AS MATERIALIZED (SELECT id FROM accounts"
		       "  WHERE domain = $1 AND id > $2 ORDER BY id LIMIT $3),"
		       " ended AS (UPDATE sessions SET revoked_at = now() WHERE jti = ANY (ARRAY("
		       "   SELECT se.jti FROM few CROSS JOIN LATERAL ("
		       "    SELECT jti, expires_at FROM sessions"
		       "     WHERE account_id = few.id AND revoked_at IS NULL"
		       "    UNION ALL SELECT jti, expires_at FROM sessions"
		       "     WHERE account_id = few.id AND revoked_at > now()) se"
		       "   WHERE se.expires_at > now()))"
		       "  AND (revoked_at IS NULL OR revoked_at > now()))"
		       " SELECT CASE WHEN count(*) = $3 THEN max(id) ELSE 0 END AS id FROM few",
	},
	[REMOVAL_SESSIONS_ENDED] = {
		.name = "removal_sessions_ended",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "UPDATE spaces SET ends = 'accounts' WHERE id = $1",
	},
	[REMOVAL_DROP_ACCOUNTS] = {
		.name = "removal_drop_accounts",
		.params = { PG_TEXT, PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM accounts WHERE id = ANY (ARRAY("
		       "SELECT id FROM accounts WHERE domain = $1 ORDER BY id LIMIT $2))",
	},
	[REMOVAL_DROP_SPACE] = {
		.name = "removal_drop_space",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM spaces WHERE id = $1",
	},
	DROP_ROWS(0, "statistics_messages"),
	DROP_ROWS(1, "statistics_calls"),
	DROP_ROWS(2, "account_creation_request_tokens"),
	DROP_ROWS(3, "account_creation_tokens"),
	DROP_ROWS(4, "account_recovery_tokens"),
	DROP_ROWS(5, "legacy_uses"),
	DROP_ROWS(6, "calls"),
};

void removal_register(struct pg *pg)
{
	pg_register(pg, removal_stmts);
}

enum err removal_store_take(struct service *s, struct ending_space *ret)
{
	return pg_one(s->pg, &removal_stmts[REMOVAL_TAKE], s->arena, ret, PG_NO_VALUES);
}

enum err removal_store_end_sessions(
	struct service *s, const char *domain, int64_t after, int64_t limit, int64_t *ret)
{
	struct pg_id row;
	enum err e = pg_one(s->pg, &removal_stmts[REMOVAL_END_SESSIONS], NULL, &row,
		PG_VALUES(pg_text(domain), pg_int(after), pg_int(limit)));

	if (e == ERR_OK)
		*ret = row.id;
	return e;
}

enum err removal_store_sessions_ended(struct service *s, int64_t id)
{
	return pg_run(s->pg, &removal_stmts[REMOVAL_SESSIONS_ENDED], NULL, PG_VALUES(pg_int(id)));
}

enum err removal_store_drop_accounts(
	struct service *s, const char *domain, int64_t limit, int64_t *ret)
{
	return pg_run(s->pg, &removal_stmts[REMOVAL_DROP_ACCOUNTS], ret,
		PG_VALUES(pg_text(domain), pg_int(limit)));
}

enum err removal_store_drop_rows(
	struct service *s, size_t table, const char *domain, int64_t limit, int64_t *ret)
{
	return pg_run(s->pg, &removal_stmts[REMOVAL_DROP_ROWS + table], ret,
		PG_VALUES(pg_text(domain), pg_int(limit)));
}

enum err removal_store_drop_space(struct service *s, int64_t id)
{
	return pg_run(s->pg, &removal_stmts[REMOVAL_DROP_SPACE], NULL, PG_VALUES(pg_int(id)));
}
