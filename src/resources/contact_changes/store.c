#include "contact_changes_priv.h"

#include "pg/pg.h"

/* Those of a kind come twice, in order of enum contact_kind. */
enum {
	CHANGE_LOCK,
	CHANGE_STATE,
	CHANGE_BLOCK,
	CHANGE_VOID,
	CHANGE_ADD = CHANGE_VOID + CONTACT_KINDS,
	CHANGE_TRY = CHANGE_ADD + CONTACT_KINDS,
	CHANGE_TRIES = CHANGE_TRY + CONTACT_KINDS,
	CHANGE_CONSUME = CHANGE_TRIES + CONTACT_KINDS,
	CHANGE_APPLY = CHANGE_CONSUME + CONTACT_KINDS,
	CHANGE_STMTS = CHANGE_APPLY + CONTACT_KINDS
};

static const struct field state_fields[] = {
	FIELD_INT(change_state, requests),
	FIELD_BOOL(change_state, validated),
	FIELD_TEXT(change_state, email),
	FIELDS_END,
};
static const struct field row_fields[] = {
	FIELD_INT(change_row, id),
	FIELD_INT(change_row, account_id),
	FIELD_TEXT(change_row, value),
	FIELD_TEXT(change_row, code_hash, .flags = FIELD_SECRET),
	FIELD_BYTES(change_row, code_sealed),
	FIELD_TEXT(change_row, ip),
	FIELD_TEXT(change_row, user_agent),
	FIELD_TIME(change_row, expires_at),
	FIELDS_END,
};
static const struct field tried_fields[] = {
	FIELD_INT(change_row, id),
	FIELD_INT(change_row, account_id),
	FIELD_TEXT(change_row, value),
	FIELD_TEXT(change_row, code_hash, .flags = FIELD_SECRET),
	FIELDS_END,
};

struct tries_row {
	int64_t attempts;
};
static const struct field tries_fields[] = { FIELD_INT(tries_row, attempts), FIELDS_END };

#define ROW   .in = row_fields, .in_size = sizeof(struct change_row)
#define ID    .row = pg_id_fields, .row_size = sizeof(struct pg_id), .rows = PG_MAY_ONE
#define SINCE " WHERE account_id = $1 AND created_at > now() - make_interval(mins => $2::int)"

#define OF_KIND(kind, name_of_kind) \
	[CHANGE_VOID + (kind)] = {                                                                  \
		.name = name_of_kind "_change_void",                                                \
		ROW,                                                                                \
		ID,                                                                                 \
		.sql = "UPDATE " name_of_kind "_change_codes SET code_hash = NULL,"                 \
		       " code_sealed = NULL WHERE account_id = $account_id"                         \
		       " AND code_hash IS NOT NULL RETURNING id",                                   \
	},                                                                                          \
	[CHANGE_ADD + (kind)] = {                                                                   \
		.name = name_of_kind "_change_add",                                                 \
		ROW,                                                                                \
		ID,                                                                                 \
		.sql = "INSERT INTO " name_of_kind "_change_codes (account_id, " name_of_kind ","   \
		       " code_hash, code_sealed, ip, user_agent, expires_at) VALUES ($account_id,"  \
		       " $value, $code_hash, $code_sealed, $ip, $user_agent, $expires_at)"          \
		       " RETURNING id",                                                             \
	},                                                                                          \
	[CHANGE_TRY + (kind)] = {                                                                   \
		.name = name_of_kind "_change_try",                                                 \
		.params = { PG_INT, PG_INT },                                                       \
		.row = tried_fields,                                                                \
		.row_size = sizeof(struct change_row),                                              \
		.rows = PG_MAY_ONE,                                                                 \
		.sql = "UPDATE " name_of_kind "_change_codes SET attempts = attempts + 1"           \
		       " WHERE account_id = $1 AND code_hash IS NOT NULL AND attempts < $2"         \
		       " AND expires_at > now()"                                                    \
		       " RETURNING id, account_id, " name_of_kind " AS value, code_hash",           \
	},                                                                                          \
	[CHANGE_TRIES + (kind)] = {                                                                \
		.name = name_of_kind "_change_tries",                                              \
		.params = { PG_INT },                                                               \
		.row = tries_fields, .row_size = sizeof(struct tries_row), .rows = PG_MAY_ONE,                                                                                 \
		.sql = "SELECT attempts FROM " name_of_kind "_change_codes"                               \
		       " WHERE account_id = $1 AND code_hash IS NOT NULL",                          \
	},                                                                                          \
	[CHANGE_CONSUME + (kind)] = {                                                               \
		.name = name_of_kind "_change_consume",                                             \
		ROW,                                                                                \
		ID,                                                                                 \
		.sql = "UPDATE " name_of_kind "_change_codes SET code_hash = NULL,"                 \
		       " code_sealed = NULL WHERE id = $id AND code_hash = $code_hash RETURNING id",\
	},                                                                                          \
	[CHANGE_APPLY + (kind)] = {                                                                 \
		.name = name_of_kind "_change_apply",                                               \
		ROW,                                                                                \
		ID,                                                                                 \
		.sql = "UPDATE accounts SET " name_of_kind " = $value,"                             \
		       " activated = activated OR NOT deactivated_by_admin, updated_at = now()"     \
		       " WHERE id = $account_id RETURNING id",                                      \
	}

const struct stmt contact_changes_stmts[CHANGE_STMTS + 1] = {
	[CHANGE_LOCK] = {
		.name = "change_lock",
		.params = { PG_INT },
		ID,
		.sql = "SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE",
	},
	/* Behind the lock: it sees the requests that came first. */
	[CHANGE_STATE] = {
		.name = "change_state",
		.params = { PG_INT, PG_INT },
		.row = state_fields,
		.row_size = sizeof(struct change_state),
		.rows = PG_MAY_ONE,
		.sql = "SELECT (SELECT count(*) FROM email_change_codes" SINCE ")"
		       " + (SELECT count(*) FROM phone_change_codes" SINCE ") AS requests,"
		       " EXISTS (SELECT FROM account_creation_tokens"
		       "  WHERE account_id = $1 AND used) AS validated,"
		       " email FROM accounts WHERE id = $1",
	},
	[CHANGE_BLOCK] = {
		.name = "change_block",
		.params = { PG_INT },
		ID,
		.sql = "UPDATE accounts SET blocked = true, updated_at = now() WHERE id = $1"
		       " RETURNING id",
	},
	OF_KIND(CONTACT_EMAIL, "email"),
	OF_KIND(CONTACT_PHONE, "phone"),
};

enum err change_store_state(
	struct service *s, int64_t account_id, int64_t minutes, struct change_state *ret)
{
	struct pg_id locked;
	struct pg_call calls[] = {
		{ .stmt = &contact_changes_stmts[CHANGE_LOCK],
			PG_VALUES(pg_int(account_id)),
			.ret_row = &locked },
		{ .stmt = &contact_changes_stmts[CHANGE_STATE],
			PG_VALUES(pg_int(account_id), pg_int(minutes)),
			.arena = s->arena,
			.ret_row = ret },
	};
	enum err e = pg_together(s->pg, calls, 2);

	return e == ERR_OK ? calls[1].result : e;
}

enum err change_store_block(struct service *s, int64_t account_id)
{
	struct pg_id changed;

	return pg_one(s->pg, &contact_changes_stmts[CHANGE_BLOCK], NULL, &changed,
		PG_VALUES(pg_int(account_id)));
}

enum err change_store_add(struct service *s, enum contact_kind kind, const struct change_row *row)
{
	struct pg_id before, made;
	struct pg_call calls[] = {
		{ .stmt = &contact_changes_stmts[CHANGE_VOID + (int)kind],
			PG_IN(row),
			.ret_row = &before },
		{ .stmt = &contact_changes_stmts[CHANGE_ADD + (int)kind],
			PG_IN(row),
			.ret_row = &made },
	};
	enum err e = pg_together(s->pg, calls, 2);

	return e == ERR_OK || e == ERR_NOT_FOUND ? calls[1].result : e;
}

enum err change_store_try(struct service *s, enum contact_kind kind, int64_t account_id,
	int64_t tries, struct change_row *ret)
{
	*ret = (struct change_row){ 0 };
	return pg_one(s->pg, &contact_changes_stmts[CHANGE_TRY + (int)kind], s->arena, ret,
		PG_VALUES(pg_int(account_id), pg_int(tries)));
}

enum err change_store_tries(
	struct service *s, enum contact_kind kind, int64_t account_id, int64_t *ret)
{
	struct tries_row row;
	enum err e = pg_one(s->pg, &contact_changes_stmts[CHANGE_TRIES + (int)kind], NULL, &row,
		PG_VALUES(pg_int(account_id)));

	if (e == ERR_OK)
		*ret = row.attempts;
	return e;
}

static enum err change(struct service *s, int stmt, const struct change_row *row)
{
	struct pg_id changed;

	return pg_one(s->pg, &contact_changes_stmts[stmt], NULL, &changed, PG_IN(row));
}

enum err change_store_consume(
	struct service *s, enum contact_kind kind, const struct change_row *row)
{
	return change(s, CHANGE_CONSUME + (int)kind, row);
}

enum err change_store_apply(struct service *s, enum contact_kind kind, const struct change_row *row)
{
	return change(s, CHANGE_APPLY + (int)kind, row);
}
