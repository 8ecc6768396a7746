#include "wizards_priv.h"

#include "pg/pg.h"

enum { WIZARD_FIND, WIZARD_TAKE, WIZARD_STMTS };

static const struct field find_fields[] = {
	FIELD_INT(wizard_row, account_id, .column = "a.id"),
	FIELD_TIME(wizard_row, expires_at, .column = "w.expires_at"),
	FIELD_BYTES(wizard_row, token_sealed, .column = "t.token_sealed"),
	FIELD_TIME(wizard_row, token_expires_at, .column = "t.expires_at"),
	FIELDS_END,
};

#define IS_GOOD "w.token_hash = $1 AND w.used_at IS NULL AND w.expires_at > now()"

const struct stmt wizards_stmts[WIZARD_STMTS + 1] = {
	[WIZARD_FIND] = {
		.name = "wizard_find",
		.params = { PG_BYTES, PG_TEXT },
		.row = find_fields,
		.row_size = sizeof(struct wizard_row),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a} FROM wizards w"
		       " JOIN accounts a ON a.id = w.provisioning_account_id"
		       " LEFT JOIN provisioning_tokens t ON t.account_id = a.id AND NOT t.used"
		       "  AND (t.expires_at <= now()) IS NOT TRUE"
		       " WHERE " IS_GOOD " AND a.domain = $2 AND NOT a.blocked",
	},
	/* The account is locked first, as by everything that changes both. */
	[WIZARD_TAKE] = {
		.name = "wizard_take",
		.params = { PG_BYTES, PG_TEXT },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "WITH l AS (SELECT id FROM accounts WHERE id ="
		       "   (SELECT provisioning_account_id FROM wizards WHERE token_hash = $1)"
		       "  AND domain = $2 AND NOT blocked FOR NO KEY UPDATE)"
		       " UPDATE wizards w SET used_at = now() FROM l WHERE " IS_GOOD
		       " AND w.provisioning_account_id = l.id RETURNING l.id",
	},
};

enum err wizard_store_find(
	struct service *s, const char *domain, struct str hash, struct wizard_row *ret)
{
	return pg_one(s->pg, &wizards_stmts[WIZARD_FIND], s->arena, ret,
		PG_VALUES(pg_bytes(hash.p, hash.n), pg_text(domain)));
}

enum err wizard_store_take(
	struct service *s, const char *domain, struct str hash, int64_t *ret_account_id)
{
	struct pg_id owner;
	enum err e = pg_one(s->pg, &wizards_stmts[WIZARD_TAKE], NULL, &owner,
		PG_VALUES(pg_bytes(hash.p, hash.n), pg_text(domain)));

	if (e == ERR_OK)
		*ret_account_id = owner.id;
	return e;
}
