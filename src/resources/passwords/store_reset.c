#include "passwords_priv.h"

#include "pg/pg.h"

enum { RESET_STATE, RESET_TAKE, RESET_STMTS };

static const struct field state_fields[] = {
	FIELD_BOOL(reset_state, over, .column = "(t.used OR t.expires_at <= now())"),
	FIELDS_END,
};
static const struct field owner_fields[] = {
	FIELD_INT(identity, account_id, .column = "a.id"),
	FIELD_TEXT(identity, username, .column = "a.username"),
	FIELD_TEXT(identity, domain, .column = "a.domain"),
	FIELDS_END,
};

const struct stmt passwords_reset_stmts[RESET_STMTS + 1] = {
	[RESET_STATE] = {
		.name = "reset_state",
		.params = { PG_BYTES, PG_TEXT },
		.row = state_fields,
		.row_size = sizeof(struct reset_state),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row t} FROM reset_password_email_tokens t"
		       " JOIN accounts a ON a.id = t.account_id AND a.email = t.email"
		       " WHERE t.token_hash = $1 AND a.domain = $2 AND NOT a.blocked",
	},
	/* The account is locked first, as by everything that changes both. */
	[RESET_TAKE] = {
		.name = "reset_take",
		.params = { PG_BYTES, PG_TEXT },
		.row = owner_fields,
		.row_size = sizeof(struct identity),
		.rows = PG_MAY_ONE,
		.sql = "WITH a AS (SELECT id, username, domain, email FROM accounts"
		       "  WHERE id = (SELECT account_id FROM reset_password_email_tokens"
		       "   WHERE token_hash = $1)"
		       "  AND domain = $2 AND NOT blocked FOR NO KEY UPDATE)"
		       " UPDATE reset_password_email_tokens t SET used = true FROM a"
		       " WHERE t.token_hash = $1 AND t.account_id = a.id AND t.email = a.email"
		       " AND NOT t.used AND t.expires_at > now() RETURNING {row a}",
	},
};

enum err reset_store_state(
	struct service *s, const char *domain, struct str hash, struct reset_state *ret)
{
	return pg_one(s->pg, &passwords_reset_stmts[RESET_STATE], NULL, ret,
		PG_VALUES(pg_bytes(hash.p, hash.n), pg_text(domain)));
}

enum err reset_store_take(
	struct service *s, const char *domain, struct str hash, struct identity *ret)
{
	return pg_one(s->pg, &passwords_reset_stmts[RESET_TAKE], s->arena, ret,
		PG_VALUES(pg_bytes(hash.p, hash.n), pg_text(domain)));
}
