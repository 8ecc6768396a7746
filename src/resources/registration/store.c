#include "registration_priv.h"

#include "pg/pg.h"

enum {
	CONFIRMATION_PUT,
	CONFIRMATION_TRY,
	CONFIRMATION_GIVE_BACK,
	CONFIRMATION_TAKE,
	CONFIRMATION_HA1S,
	CONFIRMATION_STMTS
};

static const struct field row_fields[] = {
	FIELD_INT(confirmation_row, account_id),
	FIELD_BYTES(confirmation_row, sealed),
	FIELD_TEXT(confirmation_row, kind),
	FIELD_TIME(confirmation_row, expires_at),
	FIELD_INT(confirmation_row, attempts_max),
	FIELDS_END,
};

static const struct field tried_fields[] = {
	FIELD_BYTES(confirmation_tried, sealed, .column = "key_sealed"),
	FIELD_BOOL(confirmation_tried, expired, .column = "(expires_at <= now()) IS TRUE"),
	FIELDS_END,
};

struct ha1s_row {
	const char *passwords;
};
static const struct field ha1s_fields[] = { FIELD_JSON(ha1s_row, passwords), FIELDS_END };

#define ROW    .in = row_fields, .in_size = sizeof(struct confirmation_row)
#define ID     .row = pg_id_fields, .row_size = sizeof(struct pg_id), .rows = PG_MAY_ONE
#define LOCKED "WITH a AS (SELECT id FROM accounts WHERE id = $account_id FOR NO KEY UPDATE)"

const struct stmt registration_stmts[CONFIRMATION_STMTS + 1] = {
	[CONFIRMATION_PUT] = {
		.name = "confirmation_put",
		ROW,
		ID,
		.sql = LOCKED " INSERT INTO confirmation_keys (account_id, key_sealed, kind,"
		       " expires_at) SELECT id, $sealed, $kind, $expires_at FROM a"
		       " ON CONFLICT (account_id) DO UPDATE SET key_sealed = excluded.key_sealed,"
		       " kind = excluded.kind, expires_at = excluded.expires_at, attempts = 0,"
		       " created_at = now() RETURNING account_id AS id",
	},
	[CONFIRMATION_TRY] = {
		.name = "confirmation_try",
		ROW,
		.row = tried_fields,
		.row_size = sizeof(struct confirmation_tried),
		.rows = PG_MAY_ONE,
		.sql = "UPDATE confirmation_keys SET attempts = attempts + 1"
		       " WHERE account_id = $account_id AND attempts < $attempts_max"
		       " AND ($kind IS NULL OR kind = $kind) RETURNING {row}",
	},
	[CONFIRMATION_GIVE_BACK] = {
		.name = "confirmation_give_back",
		ROW,
		ID,
		.sql = "UPDATE confirmation_keys SET attempts = attempts - 1"
		       " WHERE account_id = $account_id AND key_sealed = $sealed"
		       " RETURNING account_id AS id",
	},
	[CONFIRMATION_TAKE] = {
		.name = "confirmation_take",
		ROW,
		ID,
		.sql = LOCKED " DELETE FROM confirmation_keys k USING a WHERE k.account_id = a.id"
		       " AND k.key_sealed = $sealed RETURNING a.id",
	},
	[CONFIRMATION_HA1S] = {
		.name = "confirmation_ha1s",
		.params = { PG_INT },
		.row = ha1s_fields,
		.row_size = sizeof(struct ha1s_row),
		.rows = PG_ONE,
		.sql = "SELECT coalesce(jsonb_agg(jsonb_build_object('algorithm', algorithm,"
		       " 'password', password) ORDER BY algorithm), '[]') AS passwords"
		       " FROM passwords WHERE account_id = $1",
	},
};

static enum err change(struct service *s, int stmt, const struct confirmation_row *row)
{
	struct pg_id changed;

	return pg_one(s->pg, &registration_stmts[stmt], NULL, &changed, PG_IN(row));
}

enum err confirmation_store_put(struct service *s, const struct confirmation_row *row)
{
	return change(s, CONFIRMATION_PUT, row);
}

enum err confirmation_store_try(
	struct service *s, const struct confirmation_row *row, struct confirmation_tried *ret)
{
	return pg_one(s->pg, &registration_stmts[CONFIRMATION_TRY], s->arena, ret, PG_IN(row));
}

enum err confirmation_store_give_back(struct service *s, const struct confirmation_row *row)
{
	return change(s, CONFIRMATION_GIVE_BACK, row);
}

enum err confirmation_store_take(struct service *s, const struct confirmation_row *row)
{
	return change(s, CONFIRMATION_TAKE, row);
}

enum err confirmation_store_ha1s(struct service *s, int64_t account_id, const char **ret)
{
	struct ha1s_row row;
	enum err e = pg_one(s->pg, &registration_stmts[CONFIRMATION_HA1S], s->arena, &row,
		PG_VALUES(pg_int(account_id)));

	if (e == ERR_OK)
		*ret = row.passwords;
	return e;
}
