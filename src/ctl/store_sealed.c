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

struct sealed_page {
	int64_t key_id, after, limit;
};
static const struct field page_fields[] = {
	FIELD_INT(sealed_page, key_id),
	FIELD_INT(sealed_page, after),
	FIELD_INT(sealed_page, limit),
	FIELDS_END,
};

struct replacement {
	int64_t id;
	struct str old, sealed;
};
static const struct field replacement_fields[] = {
	FIELD_INT(replacement, id),
	FIELD_BYTES(replacement, old),
	FIELD_BYTES(replacement, sealed),
	FIELDS_END,
};

/* A seal begins with its version and two bytes of key id. */
#define LIST(table, key, column)                                                            \
	{                                                                                   \
		.name = "sealed_list_" table "_" column, .in = page_fields,                 \
		.in_size = sizeof(struct sealed_page), .row = value_fields,                 \
		.row_size = sizeof(struct sealed_value), .rows = PG_MANY,                   \
		.sql = "SELECT " key " AS id, " column " AS sealed FROM " table             \
		       " WHERE get_byte(" column ", 1) * 256 + get_byte(" column            \
		       ", 2) <> $key_id AND " key " > $after ORDER BY " key " LIMIT $limit" \
	}
#define REPLACE(table, key, column)                                                                \
	{                                                                                          \
		.name = "sealed_replace_" table "_" column, .in = replacement_fields,              \
		.in_size = sizeof(struct replacement), .rows = PG_NONE,                            \
		.sql = "UPDATE " table " SET " column " = $sealed WHERE " key " = $id AND " column \
		       " = $old"                                                                   \
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
	const struct sealed_page page = { key_id, after, SEALED_AT_ONCE };
	void *rows;
	enum err e = pg_many(
		s->pg, &ctl_sealed_stmts[LIST_OF(place)], arena, &rows, ret_count, PG_IN(&page));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err sealed_store_replace(struct service *s, enum sealed_place place,
	const struct sealed_value *old, struct str sealed)
{
	const struct replacement in = { old->id, old->sealed, sealed };

	return pg_change(s->pg, &ctl_sealed_stmts[REPLACE_OF(place)], ERR_NOT_FOUND, PG_IN(&in));
}
