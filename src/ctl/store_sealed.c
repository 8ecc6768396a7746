#include "sealed.h"

#include "pg/pg.h"

/* Two statements a place: the list, then the replacement. */
#define LIST_OF(place)    (2 * (place))
#define REPLACE_OF(place) (2 * (place) + 1)

static const struct field value_fields[] = {
	FIELD_INT(sealed_value, id),
	FIELD_BYTES(sealed_value, sealed),
	FIELDS_END,
};

/* A seal begins with its version and two bytes of key id. */
#define LIST(table, key, column)                                                               \
	{                                                                                      \
		.name = "sealed_list_" table "_" column, .params = { PG_INT, PG_INT, PG_INT }, \
		.row = value_fields, .row_size = sizeof(struct sealed_value), .rows = PG_MANY, \
		.sql = "SELECT " key " AS id, " column " AS sealed FROM " table                \
		       " WHERE get_byte(" column ", 1) * 256 + get_byte(" column               \
		       ", 2) <> $1 AND " key " > $2 ORDER BY " key " LIMIT $3"                 \
	}
#define REPLACE(table, key, column)                                                          \
	{                                                                                    \
		.name = "sealed_replace_" table "_" column,                                  \
		.params = { PG_INT, PG_BYTES, PG_BYTES }, .rows = PG_NONE,                   \
		.sql = "UPDATE " table " SET " column " = $3 WHERE " key " = $1 AND " column \
		       " = $2"                                                               \
	}
#define PLACE(place, table, key, column)             \
	[LIST_OF(place)] = LIST(table, key, column), \
	[REPLACE_OF(place)] = REPLACE(table, key, column)

const struct stmt ctl_sealed_stmts[2 * SEALED_PLACES + 1] = {
	PLACE(SEALED_TOTP, "two_factor", "account_id", "secret_sealed"),
	PLACE(SEALED_TOTP_PENDING, "two_factor", "account_id", "pending_sealed"),
	PLACE(SEALED_PROVISIONING, "provisioning_tokens", "id", "token_sealed"),
	PLACE(SEALED_CONFIRMATION, "confirmation_keys", "account_id", "key_sealed"),
	PLACE(SEALED_EXTENSION, "extensions", "id", "secret_sealed"),
};

enum err sealed_store_list(struct service *s, struct arena *arena, enum sealed_place place,
	int64_t key_id, int64_t after, struct sealed_value **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, &ctl_sealed_stmts[LIST_OF(place)], arena, &rows, ret_count,
		PG_VALUES(pg_int(key_id), pg_int(after), pg_int(SEALED_AT_ONCE)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err sealed_store_replace(struct service *s, enum sealed_place place,
	const struct sealed_value *old, struct str sealed)
{
	return pg_change(s->pg, &ctl_sealed_stmts[REPLACE_OF(place)], ERR_NOT_FOUND,
		PG_VALUES(pg_int(old->id), pg_bytes(old->sealed.p, old->sealed.n),
			pg_bytes(sealed.p, sealed.n)));
}
