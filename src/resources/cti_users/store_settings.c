#include "settings.h"

#include "pg/pg.h"

enum { CTI_SETTING_PUT, CTI_SETTING_USAGE, CTI_SETTING_DELETE, CTI_SETTING_STMTS };

static const struct field usage_fields[] = {
	FIELD_INT(cti_setting_usage, keys),
	FIELD_INT(cti_setting_usage, bytes),
	FIELDS_END,
};

/* One setting by its key, or several as the members of an object. */
struct cti_setting {
	int64_t account_id;
	const char *key, *object;
};
static const struct field setting_fields[] = {
	FIELD_INT(cti_setting, account_id),
	FIELD_TEXT(cti_setting, key),
	FIELD_JSON(cti_setting, object),
	FIELDS_END,
};
#define OF_SETTING .in = setting_fields, .in_size = sizeof(struct cti_setting)

const struct stmt cti_users_settings_stmts[CTI_SETTING_STMTS + 1] = {
	/* The lock lets the count that follows see what another request adds at the same time. */
	[CTI_SETTING_PUT] = {
		.name = "cti_setting_put",
		OF_SETTING,
		.rows = PG_NONE,
		.sql = "INSERT INTO cti_settings (account_id, key, value)"
		       " SELECT a.id, e.key, e.value"
		       " FROM (SELECT id FROM accounts WHERE id = $account_id FOR NO KEY UPDATE) a,"
		       "  jsonb_each($object) e ORDER BY e.key"
		       " ON CONFLICT (account_id, key) DO UPDATE"
		       " SET value = excluded.value, updated_at = now()",
	},
	[CTI_SETTING_USAGE] = {
		.name = "cti_setting_usage",
		OF_SETTING,
		.row = usage_fields,
		.row_size = sizeof(struct cti_setting_usage),
		.rows = PG_ONE,
		.sql = "SELECT count(*) AS keys, coalesce(sum(octet_length(key)"
		       " + octet_length(value::text)) FILTER (WHERE key <> 'avatar'), 0)::bigint AS bytes"
		       " FROM cti_settings WHERE account_id = $account_id",
	},
	[CTI_SETTING_DELETE] = {
		.name = "cti_setting_delete",
		OF_SETTING,
		.rows = PG_NONE,
		.sql = "DELETE FROM cti_settings"
		       " WHERE account_id = $account_id AND ($key IS NULL OR key = $key)",
	},
};

enum err cti_setting_store_put(
	struct service *s, int64_t account_id, const char *object, struct cti_setting_usage *ret)
{
	const struct cti_setting in = { .account_id = account_id, .object = object };
	enum err e = pg_run(s->pg, &cti_users_settings_stmts[CTI_SETTING_PUT], NULL, PG_IN(&in));

	if (e != ERR_OK)
		return e;
	return pg_one(s->pg, &cti_users_settings_stmts[CTI_SETTING_USAGE], NULL, ret, PG_IN(&in));
}

enum err cti_setting_store_delete(struct service *s, int64_t account_id, const char *key)
{
	const struct cti_setting of = { .account_id = account_id, .key = key };

	return pg_run(s->pg, &cti_users_settings_stmts[CTI_SETTING_DELETE], NULL, PG_IN(&of));
}
