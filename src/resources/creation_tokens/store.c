#include "creation_tokens_priv.h"

#include "crypto/hash.h"
#include "pg/pg.h"
#include "service/subject_call.h"

enum {
	CREATION_ADD,
	CREATION_HOLD,
	CREATION_TAKE,
	REQUEST_ADD,
	REQUEST_OPEN,
	REQUEST_VALIDATE,
	REQUEST_EXCHANGE,
	REQUEST_STATE,
	PUSH_WAIT,                            /* + enum push_purpose */
	PUSH_ADD = PUSH_WAIT + PUSH_PURPOSES, /* likewise */
	TOKEN_STMTS = PUSH_ADD + PUSH_PURPOSES
};

static const struct field row_fields[] = {
	FIELD_BYTES(token_row, hash),
	FIELD_TEXT(token_row, domain),
	FIELD_INT(token_row, account_id, .flags = FIELD_ZERO_NULL),
	FIELD_TIME(token_row, expires_at),
	FIELD_TEXT(token_row, ip),
	FIELD_TEXT(token_row, user_agent),
	FIELD_BYTES(token_row, new_hash),
	FIELDS_END,
};

static const struct field state_fields[] = {
	FIELD_BOOL(token_state, used),
	FIELD_BOOL(token_state, expired, .column = "(expires_at <= now()) IS TRUE"),
	FIELDS_END,
};

static const struct field found_fields[] = {
	FIELD_BOOL(request_token_found, validated, .column = "(validated_at IS NOT NULL)"),
	FIELDS_END,
};

static const struct field push_fields[] = {
	FIELD_TEXT(push_query, domain),
	FIELD_TEXT(push_query, pn_provider),
	FIELD_TEXT(push_query, pn_param),
	FIELD_TEXT(push_query, pn_prid),
	FIELD_INT(push_query, minutes),
	FIELD_INT(push_query, unused_max),
	FIELDS_END,
};

static const struct field pushed_fields[] = {
	FIELD_BYTES_AS(pushed_token, hash, "token_hash"),
	FIELD_TEXT(pushed_token, domain),
	FIELD_TEXT_AS(pushed_token, device.pn_provider, "pn_provider"),
	FIELD_TEXT_AS(pushed_token, device.pn_param, "pn_param"),
	FIELD_TEXT_AS(pushed_token, device.pn_prid, "pn_prid"),
	FIELD_TIME(pushed_token, expires_at),
	FIELD_TEXT(pushed_token, ip),
	FIELD_TEXT(pushed_token, user_agent),
	FIELDS_END,
};

struct wait_row {
	int64_t seconds;
};
static const struct field wait_fields[] = { FIELD_INT(wait_row, seconds), FIELDS_END };

#define TOKEN_IN .in = row_fields, .in_size = sizeof(struct token_row)
#define CREATION .row = creation_token_fields, .row_size = sizeof(struct creation_token)
#define STATE    .row = state_fields, .row_size = sizeof(struct token_state)
#define ID       .row = pg_id_fields, .row_size = sizeof(struct pg_id)
#define IS_THIS  " token_hash = $hash AND domain = $domain"
#define IS_OPEN  " NOT used AND (expires_at IS NULL OR expires_at > now())"
#define OF_DEVICE                                                                         \
	" WHERE domain = $domain AND pn_prid = $pn_prid AND pn_param = $pn_param"         \
	" AND pn_provider = $pn_provider AND created_at > now() - make_interval(mins => " \
	"$minutes::int)"

/* Until the newest used one, and the newest of those that are one too many, are old enough. */
#define PUSH_WAIT_OF(stmt_name, table)                                                             \
	{                                                                                          \
		.name = stmt_name, .in = push_fields, .in_size = sizeof(struct push_query),        \
		.row = wait_fields, .row_size = sizeof(struct wait_row), .rows = PG_ONE,           \
		.sql = "SELECT coalesce(ceil(extract(epoch FROM greatest("                         \
		       "(SELECT created_at FROM " table OF_DEVICE " AND used"                      \
		       "   ORDER BY created_at DESC LIMIT 1),"                                     \
		       " (SELECT created_at FROM " table OF_DEVICE " AND NOT used"                 \
		       "   ORDER BY created_at DESC OFFSET $unused_max LIMIT 1))"                  \
		       " + make_interval(mins => $minutes::int) - now())), 0)::bigint AS seconds", \
	}

#define PUSH_ADD_TO(stmt_name, table)                                                           \
	{                                                                                       \
		.name = stmt_name, .in = pushed_fields, .in_size = sizeof(struct pushed_token), \
		.rows = PG_NONE, .sql = "INSERT INTO " table " ({in}) VALUES ({values})",       \
	}

const struct stmt creation_tokens_stmts[TOKEN_STMTS + 1] = {
	[CREATION_ADD] = {
		.name = "creation_token_add",
		TOKEN_IN,
		CREATION,
		.rows = PG_ONE,
		.sql = "INSERT INTO account_creation_tokens (token_hash, domain, expires_at, ip,"
		       " user_agent) VALUES ($hash, $domain, $expires_at, $ip, $user_agent)"
		       " RETURNING {row}",
	},
	[CREATION_HOLD] = {
		.name = "creation_token_hold",
		TOKEN_IN,
		STATE,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM account_creation_tokens WHERE" IS_THIS " FOR UPDATE",
	},
	[CREATION_TAKE] = {
		.name = "creation_token_take",
		TOKEN_IN,
		CREATION,
		.rows = PG_MAY_ONE,
		.sql = "UPDATE account_creation_tokens SET used = true, account_id = $account_id,"
		       " updated_at = now() WHERE" IS_THIS " AND" IS_OPEN " RETURNING {row}",
	},
	[REQUEST_ADD] = {
		.name = "request_token_add",
		TOKEN_IN,
		.rows = PG_NONE,
		.sql = "INSERT INTO account_creation_request_tokens (token_hash, domain, expires_at,"
		       " ip, user_agent) VALUES ($hash, $domain, $expires_at, $ip, $user_agent)",
	},
	[REQUEST_OPEN] = {
		.name = "request_token_open",
		SUBJECT_KEY,
		.row = found_fields,
		.row_size = sizeof(struct request_token_found),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM account_creation_request_tokens"
		       " WHERE token_hash = decode($name, 'hex') AND domain = $domain AND" IS_OPEN,
	},
	[REQUEST_VALIDATE] = {
		.name = "request_token_validate",
		TOKEN_IN,
		ID,
		.rows = PG_MAY_ONE,
		.sql = "UPDATE account_creation_request_tokens"
		       " SET validated_at = coalesce(validated_at, now()), updated_at = now()"
		       " WHERE" IS_THIS " AND" IS_OPEN " RETURNING id",
	},
	/* Another one that wants it waits for the lock, and finds it used. */
	[REQUEST_EXCHANGE] = {
		.name = "request_token_exchange",
		TOKEN_IN,
		CREATION,
		.rows = PG_MAY_ONE,
		.sql = "WITH r AS (SELECT id FROM account_creation_request_tokens WHERE" IS_THIS
		       "  AND" IS_OPEN " AND validated_at IS NOT NULL FOR UPDATE),"
		       " c AS (INSERT INTO account_creation_tokens (token_hash, domain, expires_at, ip,"
		       "   user_agent) SELECT $new_hash, $domain, $expires_at, $ip, $user_agent FROM r"
		       "  RETURNING *),"
		       " u AS (UPDATE account_creation_request_tokens q SET used = true,"
		       "   account_creation_token_id = c.id, updated_at = now() FROM r, c"
		       "  WHERE q.id = r.id)"
		       " SELECT {row c} FROM c",
	},
	[REQUEST_STATE] = {
		.name = "request_token_state",
		TOKEN_IN,
		STATE,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM account_creation_request_tokens WHERE" IS_THIS,
	},
	[PUSH_WAIT + PUSH_CREATION] =
		PUSH_WAIT_OF("creation_push_wait", "account_creation_tokens"),
	[PUSH_WAIT + PUSH_RECOVERY] =
		PUSH_WAIT_OF("recovery_push_wait", "account_recovery_tokens"),
	[PUSH_ADD + PUSH_CREATION] = PUSH_ADD_TO("creation_push_add", "account_creation_tokens"),
	[PUSH_ADD + PUSH_RECOVERY] = PUSH_ADD_TO("recovery_push_add", "account_recovery_tokens"),
};

static enum err one(struct service *s, int stmt, const struct token_row *row, void *ret)
{
	return pg_one(s->pg, &creation_tokens_stmts[stmt], s->arena, ret, PG_IN(row));
}

enum err creation_store_add(
	struct service *s, const struct token_row *row, struct creation_token *ret)
{
	return one(s, CREATION_ADD, row, ret);
}

enum err creation_store_hold(
	struct service *s, const struct token_row *row, struct token_state *ret)
{
	return one(s, CREATION_HOLD, row, ret);
}

enum err creation_store_take(
	struct service *s, const struct token_row *row, struct creation_token *ret)
{
	return one(s, CREATION_TAKE, row, ret);
}

enum err request_store_add(struct service *s, const struct token_row *row)
{
	return pg_run(s->pg, &creation_tokens_stmts[REQUEST_ADD], NULL, PG_IN(row));
}

enum err request_store_validate(struct service *s, const struct token_row *row)
{
	struct pg_id validated;

	return one(s, REQUEST_VALIDATE, row, &validated);
}

enum err request_store_exchange(
	struct service *s, const struct token_row *row, struct creation_token *ret)
{
	return one(s, REQUEST_EXCHANGE, row, ret);
}

enum err request_store_state(
	struct service *s, const struct token_row *row, struct token_state *ret)
{
	return one(s, REQUEST_STATE, row, ret);
}

enum err push_store_wait(struct service *s, enum push_purpose purpose, const struct push_query *q,
	int64_t *ret_seconds)
{
	struct wait_row row;
	enum err e = pg_one(
		s->pg, &creation_tokens_stmts[PUSH_WAIT + (int)purpose], NULL, &row, PG_IN(q));

	if (e == ERR_OK)
		*ret_seconds = row.seconds;
	return e;
}

enum err push_store_add(struct service *s, enum push_purpose purpose, const struct pushed_token *t)
{
	enum err e = pg_run(s->pg, &creation_tokens_stmts[PUSH_ADD + (int)purpose], NULL, PG_IN(t));

	return e == ERR_CONFLICT ? ERR_NOT_FOUND : e;
}

/* The token itself goes nowhere near the database. */
static enum err key_of_token(struct subject_key *k, struct arena *arena)
{
	k->name = hash_text_hex(arena, k->name);
	return ERR_OK;
}

static const struct field token_in_path[] = {
	FIELD_TEXT_AS(subject_key, name, "token", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.doc = "Account creation request token"),
	FIELDS_END,
};

const struct subject request_token_open = { .name = "account creation request token",
	.path = token_in_path,
	.key = key_of_token,
	.find = &creation_tokens_stmts[REQUEST_OPEN] };
