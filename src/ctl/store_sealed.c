#include "sealed.h"

#include "pg/pg.h"

/* Three statements a place: the list, the replacement, the end. Two more for all of them. */
#define LIST_OF(place)    (3 * (place))
#define REPLACE_OF(place) (3 * (place) + 1)
#define DROP_OF(place)    (3 * (place) + 2)
#define NEWEST_KEY        (3 * SEALED_PLACES)
#define COUNT_OF_KEY      (3 * SEALED_PLACES + 1)

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

/* A seal begins with its version and two bytes of key id. A shorter value is no seal at all. */
#define KEY_OF(column)                                                           \
	"CASE WHEN length(" column ") > 2 THEN get_byte(" column ", 1) * 256 + " \
	"get_byte(" column ", 2) ELSE -1 END"
#define LIST(table, key, column)                                                                 \
	{                                                                                        \
		.name = "sealed_list_" table "_" column, .in = page_fields,                      \
		.in_size = sizeof(struct sealed_page), .row = value_fields,                      \
		.row_size = sizeof(struct sealed_value), .rows = PG_MANY,                        \
		.sql = "SELECT " key " AS id, " column " AS sealed FROM " table " WHERE " column \
		       " IS NOT NULL AND " KEY_OF(column) " <> $key_id AND " key                 \
							  " > $after ORDER BY " key              \
							  " LIMIT $limit"                        \
	}
#define CHANGE(verb, table, key, column, change)                                       \
	{                                                                              \
		.name = "sealed_" verb "_" table "_" column, .in = replacement_fields, \
		.in_size = sizeof(struct replacement), .rows = PG_NONE,                \
		.sql = change " WHERE " key " = $id AND " column " = $old"             \
	}
#define PLACE(place, table, key, column, end)                                                \
	[LIST_OF(place)] = LIST(table, key, column),                                         \
	[REPLACE_OF(place)] = CHANGE(                                                        \
		"replace", table, key, column, "UPDATE " table " SET " column " = $sealed"), \
	[DROP_OF(place)] = CHANGE("drop", table, key, column, end)
#define KEYS_IN(table, column) "SELECT " KEY_OF(column) " AS id FROM " table
#define ALL_KEYS                                                                               \
	KEYS_IN("two_factor", "secret_sealed")                                                 \
	" UNION ALL " KEYS_IN("space_email_servers", "password_sealed") " UNION ALL " KEYS_IN( \
		"space_oidc_configurations",                                                   \
		"client_secret_sealed") " UNION ALL " KEYS_IN("email_change_codes",            \
		"code_sealed") " UNION ALL " KEYS_IN("phone_change_codes",                     \
		"code_sealed") " UNION ALL " KEYS_IN("two_factor",                             \
		"pending_sealed") " UNION ALL " KEYS_IN("provisioning_tokens",                 \
		"token_sealed") " UNION ALL " KEYS_IN("confirmation_keys",                     \
		"key_sealed") " UNION ALL " KEYS_IN("extensions",                              \
		"secret_sealed") " UNION ALL " KEYS_IN("jobs", "payload_sealed")

const struct stmt ctl_sealed_stmts[3 * SEALED_PLACES + 3] = {
	PLACE(SEALED_TOTP, "two_factor", "account_id", "secret_sealed", "DELETE FROM two_factor"),
	PLACE(SEALED_TOTP_PENDING, "two_factor", "account_id", "pending_sealed",
		"UPDATE two_factor SET pending_sealed = NULL, pending_expires_at = NULL"),
	PLACE(SEALED_PROVISIONING, "provisioning_tokens", "id", "token_sealed",
		"DELETE FROM provisioning_tokens"),
	PLACE(SEALED_CONFIRMATION, "confirmation_keys", "account_id", "key_sealed",
		"DELETE FROM confirmation_keys"),
	PLACE(SEALED_EXTENSION, "extensions", "id", "secret_sealed",
		"UPDATE extensions SET secret_sealed = NULL"),
	PLACE(SEALED_EMAIL_PASSWORD, "space_email_servers", "id", "password_sealed",
		"UPDATE space_email_servers SET password_sealed = NULL"),
	PLACE(SEALED_CLIENT_SECRET, "space_oidc_configurations", "space_id",
		"client_secret_sealed",
		"UPDATE space_oidc_configurations SET client_secret_sealed = NULL"),
	PLACE(SEALED_JOB, "jobs", "id", "payload_sealed", "DELETE FROM jobs"),
	PLACE(SEALED_EMAIL_CODE, "email_change_codes", "id", "code_sealed",
		"UPDATE email_change_codes SET code_sealed = NULL"),
	PLACE(SEALED_PHONE_CODE, "phone_change_codes", "id", "code_sealed",
		"UPDATE phone_change_codes SET code_sealed = NULL"),
	[NEWEST_KEY] = {
		.name = "sealed_newest_key",
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_ONE,
		.sql = "SELECT greatest(max(id), 0) AS id FROM (" ALL_KEYS ") keys",
	},
	[COUNT_OF_KEY] = {
		.name = "sealed_count_of_key",
		.params = { PG_INT },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_ONE,
		.sql = "SELECT count(*) AS id FROM (" ALL_KEYS ") keys WHERE id = $1",
	},
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

enum err sealed_store_drop(
	struct service *s, enum sealed_place place, const struct sealed_value *old)
{
	const struct replacement in = { old->id, old->sealed, { NULL, 0 } };

	return pg_change(s->pg, &ctl_sealed_stmts[DROP_OF(place)], ERR_NOT_FOUND, PG_IN(&in));
}

enum err sealed_store_newest_key(struct service *s, int64_t *ret)
{
	struct pg_id row;
	enum err e = pg_one(s->pg, &ctl_sealed_stmts[NEWEST_KEY], NULL, &row, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret = row.id;
	return e;
}

enum err sealed_store_count(struct service *s, int64_t key_id, int64_t *ret)
{
	struct pg_id row;
	enum err e = pg_one(
		s->pg, &ctl_sealed_stmts[COUNT_OF_KEY], NULL, &row, PG_VALUES(pg_int(key_id)));

	if (e == ERR_OK)
		*ret = row.id;
	return e;
}
