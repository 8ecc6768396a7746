#include "auth_tokens_priv.h"
#include "resources/auth_tokens/auth_token.h"

#include "crypto/hash.h"
#include "pg/pg.h"
#include "service/subject_call.h"

enum {
	AUTH_TOKEN_INSERT,
	AUTH_TOKEN_WAITING,
	AUTH_TOKEN_ATTACH,
	AUTH_TOKEN_REDEEM,
	AUTH_TOKEN_DROP,
	AUTH_TOKEN_STMTS
};

#define TOKEN_ROW   .row = auth_token_fields, .row_size = sizeof(struct auth_token)
#define WAITS(hash) " token_hash = " hash " AND account_id IS NULL AND expires_at > now()"

const struct stmt auth_tokens_stmts[AUTH_TOKEN_STMTS + 1] = {
	[AUTH_TOKEN_INSERT] = {
		.name = "auth_token_insert",
		.params = { PG_BYTES, PG_TEXT, PG_TEXT },
		TOKEN_ROW,
		.rows = PG_ONE,
		.sql = "INSERT INTO auth_tokens (token_hash, ip, user_agent) VALUES ($1, $2, $3)"
		       " RETURNING {row}",
	},
	[AUTH_TOKEN_WAITING] = {
		.name = "auth_token_waiting",
		SUBJECT_KEY,
		TOKEN_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM auth_tokens WHERE" WAITS("decode($name, 'hex')"),
	},
	[AUTH_TOKEN_ATTACH] = {
		.name = "auth_token_attach",
		.params = { PG_BYTES, PG_INT },
		.rows = PG_NONE,
		.sql = "UPDATE auth_tokens SET account_id = $2, updated_at = now() WHERE" WAITS("$1"),
	},
	[AUTH_TOKEN_REDEEM] = {
		.name = "auth_token_redeem",
		.params = { PG_BYTES },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "DELETE FROM auth_tokens t USING accounts a"
		       " WHERE t.token_hash = $1 AND t.expires_at > now() AND a.id = t.account_id"
		       " AND NOT a.blocked AND EXISTS (SELECT FROM spaces p"
		       "  WHERE p.domain = a.domain AND p.ends IS NULL"
		       "  AND (space_ends_at(p) <= now()) IS NOT TRUE) RETURNING a.id",
	},
	[AUTH_TOKEN_DROP] = {
		.name = "auth_token_drop",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM auth_tokens WHERE account_id = $1",
	},
};

enum err auth_token_store_insert(struct service *s, struct str hash, struct auth_token *ret)
{
	return pg_one(s->pg, &auth_tokens_stmts[AUTH_TOKEN_INSERT], s->arena, ret,
		PG_VALUES(pg_bytes(hash.p, hash.n), pg_text(s->client.ip),
			pg_text(s->client.user_agent)));
}

enum err auth_token_store_attach(struct service *s, struct str hash, int64_t account_id)
{
	return pg_change(s->pg, &auth_tokens_stmts[AUTH_TOKEN_ATTACH], ERR_NOT_FOUND,
		PG_VALUES(pg_bytes(hash.p, hash.n), pg_int(account_id)));
}

enum err auth_token_store_redeem(struct service *s, struct str hash, int64_t *ret_account_id)
{
	struct pg_id owner;
	enum err e = pg_one(s->pg, &auth_tokens_stmts[AUTH_TOKEN_REDEEM], NULL, &owner,
		PG_VALUES(pg_bytes(hash.p, hash.n)));

	if (e == ERR_OK)
		*ret_account_id = owner.id;
	return e;
}

enum err auth_token_drop(struct service *s, int64_t account_id)
{
	return pg_run(
		s->pg, &auth_tokens_stmts[AUTH_TOKEN_DROP], NULL, PG_VALUES(pg_int(account_id)));
}

static enum err key_of_token(struct subject_key *k, struct arena *arena)
{
	k->name = hash_text_hex(arena, k->name);
	return ERR_OK;
}

static const struct field token_in_path[] = {
	AUTH_TOKEN_IN_PATH(subject_key, name),
	FIELDS_END,
};

const struct subject auth_token_waiting = { .name = "QR code",
	.path = token_in_path,
	.key = key_of_token,
	.find = &auth_tokens_stmts[AUTH_TOKEN_WAITING] };
