#include "presence_priv.h"

#include "pg/pg.h"

struct presence_change {
	int64_t account_id;
	const char *status, *to;
};

/* clang-format off */
/* Where one of the three choices is kept: `column` and `column`_to. */
#define CHANGE_OF(column_)                                                                          \
	{                                                                                           \
		FIELD_INT(presence_change, account_id, .flags = FIELD_KEY),                         \
		FIELD_TEXT(presence_change, status, .column = column_),                             \
		FIELD_TEXT(presence_change, to, .column = column_ "_to"),                           \
		FIELDS_END,                                                                         \
	}
#define SETTER(stmt_name, fields)                                                                   \
	{                                                                                           \
		.name = stmt_name,                                                                  \
		.in = fields,                                                                       \
		.in_size = sizeof(struct presence_change),                                          \
		.rows = PG_NONE,                                                                    \
		.sql = "INSERT INTO cti_users ({in}) VALUES ({values})"                             \
		       " ON CONFLICT (account_id) DO UPDATE SET {set}, updated_at = now()",         \
	}
/* clang-format on */

static const struct field now_fields[] = CHANGE_OF("presence");
static const struct field on_busy_fields[] = CHANGE_OF("on_busy");
static const struct field on_unavailable_fields[] = CHANGE_OF("on_unavailable");

const struct stmt presence_stmts[PRESENCE_KINDS + 1] = {
	[PRESENCE_NOW] = SETTER("presence_set_now", now_fields),
	[PRESENCE_ON_BUSY] = SETTER("presence_set_on_busy", on_busy_fields),
	[PRESENCE_ON_UNAVAILABLE] = SETTER("presence_set_on_unavailable", on_unavailable_fields),
};

enum err presence_store_set(struct service *s, int64_t account_id, enum presence_kind kind,
	const char *status, const char *to)
{
	const struct presence_change change = { account_id, status, to };

	return pg_run(s->pg, &presence_stmts[kind], NULL, PG_IN(&change));
}
