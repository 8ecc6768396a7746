#include "two_factor_priv.h"

#include "pg/pg.h"
#include "resources/two_factor/two_factor.h"
#include "service/subject_call.h"

enum {
	TWO_FACTOR_GET,
	TWO_FACTOR_OWN,
	TWO_FACTOR_BEGIN,
	TWO_FACTOR_CANCEL,
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
	FIELD_BYTES(two_factor_row, secret, .column = "secret_sealed"),
	FIELD_BYTES(two_factor_row, pending,
		.column = "CASE WHEN pending_expires_at > now() THEN pending_sealed END"),
	FIELDS_END,
};

/* A step of setting up or using a second factor; a statement takes of it what it names. */
struct two_factor_step {
	int64_t account_id, expires_at, step;
	struct str sealed;
};
static const struct field step_fields[] = {
	FIELD_INT(two_factor_step, account_id),
	FIELD_TIME(two_factor_step, expires_at),
	FIELD_INT(two_factor_step, step),
	FIELD_BYTES(two_factor_step, sealed, .flags = FIELD_SECRET),
	FIELDS_END,
};
#define STEP .in = step_fields, .in_size = sizeof(struct two_factor_step)

const struct stmt two_factor_stmts[TWO_FACTOR_STMTS + 1] = {
	[TWO_FACTOR_GET] = {
		.name = "two_factor_get",
		STEP,
		.row = row_fields,
		.row_size = sizeof(struct two_factor_row),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM two_factor WHERE account_id = $account_id"
		       " AND (secret_sealed IS NOT NULL OR pending_expires_at > now())",
	},
	[TWO_FACTOR_OWN] = {
		.name = "two_factor_own",
		SUBJECT_KEY,
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "SELECT account_id AS id FROM two_factor WHERE account_id = " SUBJECT_CALLER
		       " AND secret_sealed IS NOT NULL",
	},
	/* The account first, as those that change it do: two that take rows in another order wait for each other. */
	[TWO_FACTOR_BEGIN] = {
		.name = "two_factor_begin",
		STEP,
		.row = sealed_fields,
		.row_size = sizeof(struct sealed_row),
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO two_factor AS t (account_id, pending_sealed, pending_expires_at)"
		       " SELECT a.id, $sealed, $expires_at FROM accounts a JOIN spaces s ON s.domain = a.domain"
		       "  WHERE a.id = $account_id AND s.two_factor_policy <> 'off'"
		       "  FOR NO KEY UPDATE OF a"
		       " ON CONFLICT (account_id) DO UPDATE SET"
		       " pending_sealed = CASE WHEN t.pending_expires_at > now()"
		       "  THEN t.pending_sealed ELSE excluded.pending_sealed END,"
		       " pending_expires_at = CASE WHEN t.pending_expires_at > now()"
		       "  THEN t.pending_expires_at ELSE excluded.pending_expires_at END"
		       " WHERE t.secret_sealed IS NULL RETURNING pending_sealed AS sealed",
	},
	[TWO_FACTOR_CANCEL] = {
		.name = "two_factor_cancel",
		STEP,
		.rows = PG_NONE,
		.sql = "UPDATE two_factor SET pending_sealed = NULL, pending_expires_at = NULL"
		       " WHERE account_id = $account_id",
	},
	[TWO_FACTOR_ENABLE] = {
		.name = "two_factor_enable",
		STEP,
		.rows = PG_NONE,
		.sql = "UPDATE two_factor SET secret_sealed = pending_sealed, enabled_at = now(),"
		       " last_step = $step, pending_sealed = NULL, pending_expires_at = NULL"
		       " WHERE account_id = $account_id AND secret_sealed IS NULL"
		       " AND pending_sealed = $sealed AND pending_expires_at > now()",
	},
	[TWO_FACTOR_USE_STEP] = {
		.name = "two_factor_use_step",
		STEP,
		.rows = PG_NONE,
		.sql = "UPDATE two_factor SET last_step = $step"
		       " WHERE account_id = $account_id AND secret_sealed IS NOT NULL"
		       " AND last_step < $step",
	},
	[TWO_FACTOR_DISABLE] = {
		.name = "two_factor_disable",
		STEP,
		.rows = PG_NONE,
		.sql = "DELETE FROM two_factor"
		       " WHERE account_id = $account_id AND secret_sealed IS NOT NULL",
	},
	[RECOVERY_USE] = {
		.name = "recovery_use",
		.params = { PG_INT, PG_TEXTS },
		.rows = PG_NONE,
		.sql = "DELETE FROM recovery_codes"
		       " WHERE account_id = $1 AND code_hash = ANY (ARRAY("
		       "SELECT decode(h, 'hex') FROM unnest($2) h))",
	},
	[RECOVERY_CLEAR] = {
		.name = "recovery_clear",
		STEP,
		.rows = PG_NONE,
		.sql = "DELETE FROM recovery_codes WHERE account_id = $account_id",
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
	const struct two_factor_step in = { .account_id = account_id };

	return pg_one(s->pg, &two_factor_stmts[TWO_FACTOR_GET], s->arena, ret, PG_IN(&in));
}

enum err two_factor_store_begin(struct service *s, int64_t account_id, struct str sealed,
	int64_t expires_at, struct str *ret)
{
	const struct two_factor_step in = {
		.account_id = account_id, .sealed = sealed, .expires_at = expires_at
	};
	struct sealed_row row;
	enum err e = pg_one(s->pg, &two_factor_stmts[TWO_FACTOR_BEGIN], s->arena, &row, PG_IN(&in));

	if (e == ERR_OK)
		*ret = row.sealed;
	return e == ERR_NOT_FOUND ? ERR_CONFLICT : e;
}

enum err two_factor_store_cancel(struct service *s, int64_t account_id)
{
	const struct two_factor_step in = { .account_id = account_id };

	return pg_run(s->pg, &two_factor_stmts[TWO_FACTOR_CANCEL], NULL, PG_IN(&in));
}

enum err two_factor_store_enable(
	struct service *s, int64_t account_id, struct str sealed, int64_t step)
{
	const struct two_factor_step in = {
		.account_id = account_id, .sealed = sealed, .step = step
	};

	return pg_change(s->pg, &two_factor_stmts[TWO_FACTOR_ENABLE], ERR_NOT_FOUND, PG_IN(&in));
}

enum err two_factor_store_use_step(struct service *s, int64_t account_id, int64_t step)
{
	const struct two_factor_step in = { .account_id = account_id, .step = step };

	return pg_change(s->pg, &two_factor_stmts[TWO_FACTOR_USE_STEP], ERR_CONFLICT, PG_IN(&in));
}

enum err two_factor_store_disable(struct service *s, int64_t account_id)
{
	const struct two_factor_step in = { .account_id = account_id };

	return pg_change(s->pg, &two_factor_stmts[TWO_FACTOR_DISABLE], ERR_NOT_FOUND, PG_IN(&in));
}

enum err recovery_store_use(
	struct service *s, int64_t account_id, const char *const *hashes, size_t n)
{
	return pg_change(s->pg, &two_factor_stmts[RECOVERY_USE], ERR_NOT_FOUND,
		PG_VALUES(pg_int(account_id), pg_texts(hashes, n)));
}

enum err recovery_store_clear(struct service *s, int64_t account_id)
{
	const struct two_factor_step in = { .account_id = account_id };

	return pg_run(s->pg, &two_factor_stmts[RECOVERY_CLEAR], NULL, PG_IN(&in));
}

enum err recovery_store_add(
	struct service *s, int64_t account_id, const char *const *hashes, size_t n)
{
	return pg_change(s->pg, &two_factor_stmts[RECOVERY_ADD], ERR_NOT_FOUND,
		PG_VALUES(pg_int(account_id), pg_texts(hashes, n)));
}

const struct subject two_factor_own = {
	.name = "second factor", .find = &two_factor_stmts[TWO_FACTOR_OWN], .of_caller = true
};
