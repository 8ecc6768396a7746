#include "store/session_store.h"

#include "store_priv.h"

enum { SESSION_INSERT, SESSION_REVOKE, SESSION_STMTS };
enum { NONCE_ADVANCE, NONCE_STMTS };

const struct stmt session_stmts[SESSION_STMTS + 1] = {
	[SESSION_INSERT] = {
		.name = "session_insert",
		.params = { PG_TEXT, PG_INT, PG_TEXT, PG_BOOL, PG_BOOL, PG_INET, PG_TEXT, PG_TIME },
		.rows = PG_NONE,
		.sql = "INSERT INTO sessions (jti, account_id, audience, two_factor, otp_verified, ip,"
		       " user_agent, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	},
	[SESSION_REVOKE] = {
		.name = "session_revoke",
		.params = { PG_TEXT },
		.rows = PG_NONE,
		.sql = "UPDATE sessions SET revoked_at = now() WHERE jti = $1 AND revoked_at IS NULL",
	},
};

const struct stmt nonce_stmts[NONCE_STMTS + 1] = {
	[NONCE_ADVANCE] = {
		.name = "nonce_advance",
		.params = { PG_TEXT, PG_INT, PG_TIME },
		.rows = PG_NONE,
		.sql = "INSERT INTO digest_nonces AS n (nonce, nc, expires_at) VALUES ($1, $2, $3)"
		       " ON CONFLICT (nonce) DO UPDATE SET nc = excluded.nc WHERE n.nc < excluded.nc",
	},
};

enum err session_store_insert(struct store *st, const struct session_row *row)
{
	return pg_run(st->pg, &session_stmts[SESSION_INSERT], NULL,
		PG_VALUES(pg_text(row->jti), pg_int(row->account_id), pg_text(row->audience),
			pg_bool(row->two_factor), pg_bool(row->otp_verified), pg_inet(row->ip),
			pg_text(row->user_agent), pg_time(row->expires_at)));
}

enum err session_store_revoke(struct store *st, const char *jti)
{
	int64_t affected;
	enum err e =
		pg_run(st->pg, &session_stmts[SESSION_REVOKE], &affected, PG_VALUES(pg_text(jti)));

	if (e == ERR_OK && affected == 0)
		return ERR_NOT_FOUND;
	return e;
}

enum err nonce_store_advance(struct store *st, const char *nonce, int64_t nc, int64_t expires_at)
{
	int64_t affected;
	enum err e = pg_run(st->pg, &nonce_stmts[NONCE_ADVANCE], &affected,
		PG_VALUES(pg_text(nonce), pg_int(nc), pg_time(expires_at)));

	if (e == ERR_OK && affected == 0)
		return ERR_CONFLICT;
	return e;
}
