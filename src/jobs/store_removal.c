#include "removal_priv.h"

#include "jobs/removal.h"
#include "pg/pg.h"

enum {
	REMOVAL_TAKE,
	REMOVAL_END_SESSIONS,
	REMOVAL_SESSIONS_ENDED,
	REMOVAL_DROP_ACCOUNTS,
	REMOVAL_DROP_SPACE,
	REMOVAL_STMTS
};

static const struct field ending_fields[] = {
	FIELD_INT(ending_space, id),
	FIELD_TEXT(ending_space, domain),
	FIELD_BOOL(ending_space, has_sessions, .column = "ends = 'sessions'"),
	FIELDS_END,
};

static const struct stmt removal_stmts[REMOVAL_STMTS + 1] = {
	[REMOVAL_TAKE] = {
		.name = "removal_take",
		.row = ending_fields,
		.row_size = sizeof(struct ending_space),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM spaces WHERE ends IS NOT NULL ORDER BY id LIMIT 1"
		       " FOR UPDATE SKIP LOCKED",
	},
	[REMOVAL_END_SESSIONS] = {
		.name = "removal_end_sessions",
		.params = { PG_TEXT, PG_INT },
		.rows = PG_NONE,
		.sql = "UPDATE sessions SET revoked_at = now() WHERE jti IN ("
		       "SELECT se.jti FROM sessions se JOIN accounts a ON a.id = se.account_id"
		       " WHERE a.domain = $1 AND se.expires_at > now()"
		       " AND (se.revoked_at IS NULL OR se.revoked_at > now()) LIMIT $2)",
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
		.sql = "DELETE FROM accounts WHERE id IN"
		       " (SELECT id FROM accounts WHERE domain = $1 LIMIT $2)",
	},
	[REMOVAL_DROP_SPACE] = {
		.name = "removal_drop_space",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM spaces WHERE id = $1",
	},
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
	struct service *s, const char *domain, int64_t limit, int64_t *ret)
{
	return pg_run(s->pg, &removal_stmts[REMOVAL_END_SESSIONS], ret,
		PG_VALUES(pg_text(domain), pg_int(limit)));
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

enum err removal_store_drop_space(struct service *s, int64_t id)
{
	return pg_run(s->pg, &removal_stmts[REMOVAL_DROP_SPACE], NULL, PG_VALUES(pg_int(id)));
}
