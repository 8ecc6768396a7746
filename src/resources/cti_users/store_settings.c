#include "settings.h"

#include "pg/pg.h"

enum { CTI_SETTING_PUT, CTI_SETTING_USAGE, CTI_SETTING_DELETE, CTI_SETTING_STMTS };

static const struct field usage_fields[] = {
	FIELD_INT(cti_setting_usage, keys),
	FIELD_INT(cti_setting_usage, bytes),
	FIELDS_END,
};

const struct stmt cti_users_settings_stmts[CTI_SETTING_STMTS + 1] = {
	/* The lock lets the count that follows see what somebody else adds at the same time. */
	[CTI_SETTING_PUT] = {
		.name = "cti_setting_put",
		.params = { PG_INT, PG_JSON },
		.rows = PG_NONE,
		.sql = "INSERT INTO cti_settings (account_id, key, value)"
		       " SELECT a.id, e.key, e.value"
		       " FROM (SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE) a,"
		       "  jsonb_each($2) e ORDER BY e.key"
		       " ON CONFLICT (account_id, key) DO UPDATE"
		       " SET value = excluded.value, updated_at = now()",
	},
	[CTI_SETTING_USAGE] = {
		.name = "cti_setting_usage",
		.params = { PG_INT },
		.row = usage_fields,
		.row_size = sizeof(struct cti_setting_usage),
		.rows = PG_ONE,
		.sql = "SELECT count(*) AS keys, coalesce(sum(octet_length(key)"
		       " + octet_length(value::text)) FILTER (WHERE key <> 'avatar'), 0)::bigint AS bytes"
		       " FROM cti_settings WHERE account_id = $1",
	},
	[CTI_SETTING_DELETE] = {
		.name = "cti_setting_delete",
		.params = { PG_INT, PG_TEXT },
		.rows = PG_NONE,
		.sql = "DELETE FROM cti_settings WHERE account_id = $1 AND ($2 IS NULL OR key = $2)",
	},
};

enum err cti_setting_store_put(
	struct service *s, int64_t account_id, const char *object, struct cti_setting_usage *ret)
{
	enum err e = pg_run(s->pg, &cti_users_settings_stmts[CTI_SETTING_PUT], NULL,
		PG_VALUES(pg_int(account_id), pg_json(object)));

	return e == ERR_OK ? pg_one(s->pg, &cti_users_settings_stmts[CTI_SETTING_USAGE], NULL, ret,
				     PG_VALUES(pg_int(account_id)))
			   : e;
}

enum err cti_setting_store_delete(struct service *s, int64_t account_id, const char *key)
{
	return pg_run(s->pg, &cti_users_settings_stmts[CTI_SETTING_DELETE], NULL,
		PG_VALUES(pg_int(account_id), pg_text(key)));
}
