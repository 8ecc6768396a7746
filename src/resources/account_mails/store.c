#include "account_mails_priv.h"

#include "pg/pg.h"

enum { RESET_TOKEN_PUT, WIZARD_PUT, ACCOUNT_MAIL_STMTS };

const struct stmt account_mails_stmts[ACCOUNT_MAIL_STMTS + 1] = {
	[RESET_TOKEN_PUT] = {
		.name = "reset_token_put",
		.params = { PG_INT, PG_BYTES, PG_TEXT, PG_TIME, PG_TEXT, PG_TEXT },
		.rows = PG_NONE,
		.sql = "INSERT INTO reset_password_email_tokens (account_id, token_hash, email,"
		       " expires_at, ip, user_agent) VALUES ($1, $2, $3, $4, $5, $6)"
		       " ON CONFLICT (account_id) WHERE NOT used DO UPDATE"
		       " SET token_hash = excluded.token_hash, email = excluded.email,"
		       " expires_at = excluded.expires_at, ip = excluded.ip,"
		       " user_agent = excluded.user_agent, created_at = now()",
	},
	[WIZARD_PUT] = {
		.name = "wizard_put",
		.params = { PG_INT, PG_BYTES, PG_INT },
		.rows = PG_NONE,
		.sql = "WITH o AS (DELETE FROM wizards"
		       "  WHERE provisioning_account_id = $1 AND used_at IS NULL)"
		       " INSERT INTO wizards (provisioning_account_id, token_hash, account_id)"
		       " VALUES ($1, $2, $3)",
	},
};

enum err reset_token_store_put(struct service *s, int64_t account_id, struct str hash,
	const char *email, int64_t expires_at)
{
	return pg_run(s->pg, &account_mails_stmts[RESET_TOKEN_PUT], NULL,
		PG_VALUES(pg_int(account_id), pg_bytes(hash.p, hash.n), pg_text(email),
			pg_time(expires_at), pg_text(s->client.ip), pg_text(s->client.user_agent)));
}

enum err wizard_store_put(struct service *s, int64_t account_id, struct str hash, int64_t by)
{
	return pg_run(s->pg, &account_mails_stmts[WIZARD_PUT], NULL,
		PG_VALUES(pg_int(account_id), pg_bytes(hash.p, hash.n), pg_int(by)));
}
