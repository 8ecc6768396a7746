#include "cti_users_priv.h"

#include "pg/pg.h"
#include "service/columns.h"

enum {
	CTI_USER_GET,
	CTI_USER_LIST,
	CTI_USER_AVATARS,
	CTI_USER_SET_DEFAULT_DEVICE,
	CTI_USER_ADMIN_GET,
	CTI_USER_ADMIN_PUT,
	CTI_USER_STMTS
};

/* clang-format off */
#define LIST_FIELDS                                                                                 \
	FIELD_INT(cti_user, account_id),                                                            \
	FIELD_TEXT(cti_user, username),                                                             \
	FIELD_TEXT(cti_user, domain),                                                               \
	FIELD_TEXT(cti_user, display_name),                                                         \
	FIELD_TEXT(cti_user, email),                                                                \
	FIELD_TEXT(cti_user, phone),                                                                \
	FIELD_TEXT(cti_user, main_extension),                                                       \
	FIELD_TEXT(cti_user, voicemail),                                                            \
	FIELD_TEXT(cti_user, cellphone),                                                            \
	FIELD_TEXT(cti_user, jabber),                                                               \
	FIELD_TEXT(cti_user, default_device),                                                       \
	FIELD_BOOL(cti_user, call_summary_enabled),                                                 \
	FIELD_BOOL(cti_user, recall_on_busy),                                                       \
	FIELD_TEXT(cti_user, presence),                                                             \
	FIELD_TEXT(cti_user, presence_to),                                                          \
	FIELD_TEXT(cti_user, on_busy),                                                              \
	FIELD_TEXT(cti_user, on_busy_to),                                                           \
	FIELD_TEXT(cti_user, on_unavailable),                                                       \
	FIELD_TEXT(cti_user, on_unavailable_to)

#define LIST_COLUMNS                                                                                \
	" a.id AS account_id, a.username, a.domain, a.display_name, a.email, a.phone,"              \
	" coalesce(u.main_extension, a.username) AS main_extension, u.voicemail, u.cellphone,"      \
	" u.jabber, u.default_device, coalesce(u.call_summary_enabled, false)"                      \
	" AS call_summary_enabled, coalesce(u.recall_on_busy, false) AS recall_on_busy,"            \
	" coalesce(u.presence, 'online') AS presence, u.presence_to,"                               \
	" coalesce(u.on_busy, 'online') AS on_busy, u.on_busy_to,"                                  \
	" coalesce(u.on_unavailable, 'online') AS on_unavailable, u.on_unavailable_to"

#define PROFILE_JOIN                                                                                \
	" LEFT JOIN profiles p ON p.id = coalesce(u.profile_id,"                                    \
	" (SELECT d.id FROM profiles d WHERE d.domain = a.domain AND d.is_default))"
#define FROM_USERS " FROM accounts a LEFT JOIN cti_users u ON u.account_id = a.id"
/* clang-format on */

static const struct field user_list_fields[] = { LIST_FIELDS, FIELDS_END };
static const struct field user_fields[] = {
	LIST_FIELDS,
	FIELD_TEXT(cti_user, profile_id),
	FIELD_TEXT(cti_user, profile_name),
	FIELD_JSON(cti_user, macro_permissions),
	FIELD_JSON(cti_user, outbound_routes_permissions),
	FIELD_TEXT(cti_user, capabilities),
	FIELD_JSON(cti_user, settings),
	FIELDS_END,
};
static const struct field admin_fields[] = {
	FIELD_INT(cti_user_change, account_id),
	FIELD_INT(cti_user_change, profile_id),
	FIELD_TEXT(cti_user_change, main_extension),
	FIELD_TEXT(cti_user_change, voicemail),
	FIELD_TEXT(cti_user_change, cellphone),
	FIELD_TEXT(cti_user_change, jabber),
	FIELD_TEXT(cti_user_change, default_device),
	FIELD_TRI(cti_user_change, call_summary_enabled),
	FIELD_TRI(cti_user_change, recall_on_busy),
	FIELDS_END,
};

struct document_row {
	const char *document;
};
static const struct field document_fields[] = { FIELD_JSON(document_row, document), FIELDS_END };

const struct stmt cti_users_stmts[CTI_USER_STMTS + 1] = {
	[CTI_USER_GET] = {
		.name = "cti_user_get",
		.params = { PG_INT, PG_TEXT },
		.row = user_fields,
		.row_size = sizeof(struct cti_user),
		.rows = PG_MAY_ONE,
		.sql = "SELECT" LIST_COLUMNS ", p.id::text AS profile_id, p.name AS profile_name,"
		       " p.macro_permissions - 'remote_sites' AS macro_permissions, p.outbound_routes_permissions,"
		       " array_to_string(p.capabilities, ' ') AS capabilities,"
		       " (SELECT coalesce(jsonb_object_agg(c.key, c.value), '{}') FROM cti_settings c"
		       "   WHERE c.account_id = a.id) AS settings" FROM_USERS
		       PROFILE_JOIN
		       " WHERE a.id = $1 AND ($2 IS NULL OR a.domain = $2)",
	},
	[CTI_USER_LIST] = {
		.name = "cti_user_list",
		.params = { PG_TEXT },
		.row = user_list_fields,
		.row_size = sizeof(struct cti_user),
		.rows = PG_MANY,
		.sql = "SELECT" LIST_COLUMNS FROM_USERS
		       " WHERE a.domain = $1 AND NOT a.blocked ORDER BY a.id",
	},
	[CTI_USER_AVATARS] = {
		.name = "cti_user_avatars",
		.params = { PG_TEXT },
		.row = document_fields,
		.row_size = sizeof(struct document_row),
		.rows = PG_ONE,
		.sql = "SELECT coalesce(jsonb_object_agg(a.username, c.value), '{}') AS document"
		       " FROM accounts a JOIN cti_settings c ON c.account_id = a.id"
		       " WHERE a.domain = $1 AND NOT a.blocked AND c.key = 'avatar'",
	},
	[CTI_USER_SET_DEFAULT_DEVICE] = {
		.name = "cti_user_set_default_device",
		.params = { PG_INT, PG_TEXT },
		.rows = PG_NONE,
		.sql = "INSERT INTO cti_users (account_id, default_device) VALUES ($1, $2)"
		       " ON CONFLICT (account_id) DO UPDATE"
		       " SET default_device = excluded.default_device, updated_at = now()",
	},
	[CTI_USER_ADMIN_GET] = {
		.name = "cti_user_admin_get",
		.params = { PG_INT, PG_TEXT },
		.row = admin_fields,
		.row_size = sizeof(struct cti_user_change),
		.rows = PG_MAY_ONE,
		.sql = "SELECT a.id AS account_id, coalesce(u.profile_id, 0) AS profile_id,"
		       " u.main_extension, u.voicemail, u.cellphone, u.jabber, u.default_device,"
		       " coalesce(u.call_summary_enabled, false) AS call_summary_enabled,"
		       " coalesce(u.recall_on_busy, false) AS recall_on_busy" FROM_USERS
		       " WHERE a.id = $1 AND a.domain = $2",
	},
	[CTI_USER_ADMIN_PUT] = {
		.name = "cti_user_admin_put",
		.params = { PG_INT, PG_TEXT, PG_INT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT,
			PG_BOOL, PG_BOOL },
		.rows = PG_NONE,
		.sql = "INSERT INTO cti_users AS u (account_id, profile_id, main_extension, voicemail,"
		       " cellphone, jabber, default_device, call_summary_enabled, recall_on_busy)"
		       " SELECT a.id, nullif($3, 0), $4, $5, $6, $7, $8, coalesce($9, false),"
		       " coalesce($10, false) FROM accounts a WHERE a.id = $1 AND a.domain = $2"
		       " ON CONFLICT (account_id) DO UPDATE SET profile_id = excluded.profile_id,"
		       " main_extension = excluded.main_extension, voicemail = excluded.voicemail,"
		       " cellphone = excluded.cellphone, jabber = excluded.jabber,"
		       " default_device = excluded.default_device,"
		       " call_summary_enabled = coalesce($9, u.call_summary_enabled),"
		       " recall_on_busy = coalesce($10, u.recall_on_busy), updated_at = now()",
	},
};

enum err cti_user_store_get(
	struct service *s, const char *domain, int64_t account_id, struct cti_user *ret)
{
	return pg_one(s->pg, &cti_users_stmts[CTI_USER_GET], s->arena, ret,
		PG_VALUES(pg_int(account_id), pg_text(domain)));
}

enum err cti_user_store_list(
	struct service *s, const char *domain, struct cti_user **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, &cti_users_stmts[CTI_USER_LIST], s->arena, &rows, ret_count,
		PG_VALUES(pg_text(domain)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err cti_user_store_avatars(struct service *s, const char *domain, const char **ret)
{
	struct document_row row;
	enum err e = pg_one(s->pg, &cti_users_stmts[CTI_USER_AVATARS], s->arena, &row,
		PG_VALUES(pg_text(domain)));

	if (e == ERR_OK)
		*ret = row.document;
	return e;
}

enum err cti_user_store_set_default_device(struct service *s, int64_t account_id, const char *exten)
{
	return pg_run(s->pg, &cti_users_stmts[CTI_USER_SET_DEFAULT_DEVICE], NULL,
		PG_VALUES(pg_int(account_id), pg_text(exten)));
}

enum err cti_user_store_admin_get(
	struct service *s, const char *domain, int64_t account_id, struct cti_user_change *ret)
{
	return pg_one(s->pg, &cti_users_stmts[CTI_USER_ADMIN_GET], s->arena, ret,
		PG_VALUES(pg_int(account_id), pg_text(domain)));
}

enum err cti_user_store_admin_put(
	struct service *s, const char *domain, const struct cti_user_change *in)
{
	return pg_change(s->pg, &cti_users_stmts[CTI_USER_ADMIN_PUT], ERR_NOT_FOUND,
		PG_VALUES(pg_int(in->account_id), pg_text(domain), pg_int(in->profile_id),
			pg_text(in->main_extension), pg_text(in->voicemail), pg_text(in->cellphone),
			pg_text(in->jabber), pg_text(in->default_device),
			pg_tri(in->call_summary_enabled), pg_tri(in->recall_on_busy)));
}
