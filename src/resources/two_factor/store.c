#include "two_factor_priv.h"

#include "pg/pg.h"

enum {
	TWO_FACTOR_GET,
	TWO_FACTOR_BEGIN,
	TWO_FACTOR_ENABLE,
	TWO_FACTOR_USE_STEP,
	TWO_FACTOR_DISABLE,
	RECOVERY_USE,
	RECOVERY_CLEAR,
	RECOVERY_ADD,
	TWO_FACTOR_STMTS
};

struct sealed_row {
	struct str sealed;
};
static const struct field sealed_fields[] = { FIELD_BYTES(sealed_row, sealed), FIELDS_END };

static const struct field row_fields[] = {
	FIELD_INT(two_factor_row, account_id),
	FIELD_BYTES(two_factor_row, secret),
	FIELD_BYTES(two_factor_row, pending),
	FIELDS_END,
};

const struct stmt two_factor_stmts[TWO_FACTOR_STMTS + 1] = {
	[TWO_FACTOR_GET] = {
		.name = "two_factor_get",
		.params = { PG_INT },
		.row = row_fields,
		.row_size = sizeof(struct two_factor_row),
		.rows = PG_MAY_ONE,
		.sql = "SELECT account_id, secret_sealed AS secret,"
		       " CASE WHEN pending_expires_at > now() THEN pending_sealed END AS pending"
		       " FROM two_factor WHERE account_id = $1"
		       " AND (secret_sealed IS NOT NULL OR pending_expires_at > now())",
	},
	[TWO_FACTOR_BEGIN] = {
		.name = "two_factor_begin",
		.params = { PG_INT, PG_BYTES, PG_TIME },
		.row = sealed_fields,
		.row_size = sizeof(struct sealed_row),
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO two_factor AS t (account_id, pending_sealed, pending_expires_at)"
		       " SELECT a.id, $2, $3 FROM accounts a JOIN spaces s ON s.domain = a.domain"
		       "  WHERE a.id = $1 AND s.two_factor_policy <> 'off'"
		       " ON CONFLICT (account_id) DO UPDATE SET"
		       " pending_sealed = CASE WHEN t.pending_expires_at > now()"
		       "  THEN t.pending_sealed ELSE excluded.pending_sealed END,"
		       " pending_expires_at = CASE WHEN t.pending_expires_at > now()"
		       "  THEN t.pending_expires_at ELSE excluded.pending_expires_at END"
		       " WHERE t.secret_sealed IS NULL RETURNING pending_sealed AS sealed",
	},
	[TWO_FACTOR_ENABLE] = {
		.name = "two_factor_enable",
		.params = { PG_INT, PG_BYTES, PG_INT },
		.rows = PG_NONE,
		.sql = "UPDATE two_factor SET secret_sealed = pending_sealed, enabled_at = now(),"
		       " last_step = $3, pending_sealed = NULL, pending_expires_at = NULL"
		       " WHERE account_id = $1 AND secret_sealed IS NULL AND pending_sealed = $2"
		       " AND pending_expires_at > now()",
	},
	[TWO_FACTOR_USE_STEP] = {
		.name = "two_factor_use_step",
		.params = { PG_INT, PG_INT },
		.rows = PG_NONE,
		.sql = "UPDATE two_factor SET last_step = $2"
		       " WHERE account_id = $1 AND secret_sealed IS NOT NULL AND last_step < $2",
	},
	[TWO_FACTOR_DISABLE] = {
		.name = "two_factor_disable",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM two_factor WHERE account_id = $1 AND secret_sealed IS NOT NULL",
	},
	[RECOVERY_USE] = {
		.name = "recovery_use",
		.params = { PG_INT, PG_TEXTS },
		.rows = PG_NONE,
		.sql = "DELETE FROM recovery_codes"
		       " WHERE account_id = $1 AND encode(code_hash, 'hex') = ANY ($2)",
	},
	[RECOVERY_CLEAR] = {
		.name = "recovery_clear",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM recovery_codes WHERE account_id = $1",
	},
	[RECOVERY_ADD] = {
		.name = "recovery_add",
		.params = { PG_INT, PG_TEXTS },
		.rows = PG_NONE,
		.sql = "INSERT INTO recovery_codes (account_id, code_hash)"
		       " SELECT t.account_id, decode(h, 'hex')"
		       " FROM (SELECT account_id FROM two_factor"
		       "  WHERE account_id = $1 AND secret_sealed IS NOT NULL FOR UPDATE) t,"
		       " unnest($2) h",
	},
};

enum err two_factor_store_get(struct service *s, int64_t account_id, struct two_factor_row *ret)
{
	return pg_one(s->pg, &two_factor_stmts[TWO_FACTOR_GET], s->arena, ret,
		PG_VALUES(pg_int(account_id)));
}

enum err two_factor_store_begin(struct service *s, int64_t account_id, struct str sealed,
	int64_t expires_at, struct str *ret)
{
	struct sealed_row row;
	enum err e = pg_one(s->pg, &two_factor_stmts[TWO_FACTOR_BEGIN], s->arena, &row,
		PG_VALUES(pg_int(account_id), pg_bytes(sealed.p, sealed.n), pg_time(expires_at)));

	if (e == ERR_OK)
		*ret = row.sealed;
	return e == ERR_NOT_FOUND ? ERR_CONFLICT : e;
}

enum err two_factor_store_enable(
	struct service *s, int64_t account_id, struct str sealed, int64_t step)
{
	return pg_change(s->pg, &two_factor_stmts[TWO_FACTOR_ENABLE], ERR_NOT_FOUND,
		PG_VALUES(pg_int(account_id), pg_bytes(sealed.p, sealed.n), pg_int(step)));
}

enum err two_factor_store_use_step(struct service *s, int64_t account_id, int64_t step)
{
	return pg_change(s->pg, &two_factor_stmts[TWO_FACTOR_USE_STEP], ERR_CONFLICT,
		PG_VALUES(pg_int(account_id), pg_int(step)));
}

enum err two_factor_store_disable(struct service *s, int64_t account_id)
{
	return pg_change(s->pg, &two_factor_stmts[TWO_FACTOR_DISABLE], ERR_NOT_FOUND,
		PG_VALUES(pg_int(account_id)));
}

enum err recovery_store_use(
	struct service *s, int64_t account_id, const char *const *hashes, size_t n)
{
	return pg_change(s->pg, &two_factor_stmts[RECOVERY_USE], ERR_NOT_FOUND,
		PG_VALUES(pg_int(account_id), pg_texts(hashes, n)));
}

enum err recovery_store_clear(struct service *s, int64_t account_id)
{
	return pg_run(
		s->pg, &two_factor_stmts[RECOVERY_CLEAR], NULL, PG_VALUES(pg_int(account_id)));
}

enum err recovery_store_add(
	struct service *s, int64_t account_id, const char *const *hashes, size_t n)
{
	return pg_change(s->pg, &two_factor_stmts[RECOVERY_ADD], ERR_NOT_FOUND,
		PG_VALUES(pg_int(account_id), pg_texts(hashes, n)));
}
