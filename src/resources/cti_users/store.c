#include "cti_users_priv.h"

#include "pg/pg.h"
#include "resources/accounts/account.h"
#include "resources/cti_users/cti_user.h"
#include "resources/extensions/directory_range.h"
#include "service/columns.h"
#include "service/subject_call.h"

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
	FIELD_INT(cti_user, account_id, .column = "id"),                                            \
	FIELD_TEXT(cti_user, username),                                                             \
	FIELD_TEXT(cti_user, display_name),                                                         \
	FIELD_TEXT(cti_user, email),                                                                \
	FIELD_TEXT(cti_user, phone),                                                                \
	FIELD_TEXT(cti_user, main_extension, .column = "coalesce(u.main_extension, a.username)"),   \
	FIELD_TEXT(cti_user, voicemail, .column = "u.voicemail"),                                   \
	FIELD_TEXT(cti_user, cellphone, .column = "u.cellphone"),                                   \
	FIELD_TEXT(cti_user, jabber, .column = "u.jabber"),                                         \
	FIELD_BOOL(cti_user, recall_on_busy, .column = "u.recall_on_busy"),                         \
	FIELD_TEXT(cti_user, presence, .column = "coalesce(u.presence, 'online')"),                 \
	FIELD_TEXT(cti_user, on_busy, .column = "coalesce(u.on_busy, 'online')"),                   \
	FIELD_TEXT(cti_user, on_unavailable, .column = "coalesce(u.on_unavailable, 'online')")

#define PROFILE_JOIN                                                                                \
	" LEFT JOIN profiles p ON p.id = coalesce("                                                 \
	" (SELECT o.id FROM profiles o WHERE o.id = u.profile_id),"                                 \
	" (SELECT d.id FROM profiles d WHERE d.domain = a.domain AND d.is_default))"
#define FROM_USERS " FROM accounts a LEFT JOIN cti_users u ON u.account_id = a.id"
/* clang-format on */

static const struct field user_list_fields[] = {
	LIST_FIELDS,
	FIELD_BOOL(cti_user, listed_alone, .column = "(SELECT d.own FROM d)"),
	FIELDS_END,
};
static const struct field user_fields[] = {
	LIST_FIELDS,
	FIELD_TEXT(cti_user, domain),
	FIELD_TEXT(cti_user, default_device, .column = "u.default_device"),
	FIELD_BOOL(cti_user, call_summary_enabled, .column = "u.call_summary_enabled"),
	FIELD_TEXT(cti_user, presence_to, .column = "u.presence_to"),
	FIELD_TEXT(cti_user, on_busy_to, .column = "u.on_busy_to"),
	FIELD_TEXT(cti_user, on_unavailable_to, .column = "u.on_unavailable_to"),
	FIELD_TEXT(cti_user, profile_id, .column = "p.id::text"),
	FIELD_TEXT(cti_user, profile_name, .column = "p.name"),
	FIELD_JSON(cti_user, macro_permissions, .column = "p.macro_permissions - 'remote_sites'"),
	FIELD_JSON(
		cti_user, outbound_routes_permissions, .column = "p.outbound_routes_permissions"),
	FIELD_TEXT(cti_user, capabilities, .column = "array_to_string(p.capabilities, ' ')"),
	FIELD_JSON(cti_user, settings,
		.column = "(SELECT coalesce(jsonb_object_agg(c.key, c.value), '{}')"
			  " FROM cti_settings c WHERE c.account_id = a.id)"),
	FIELDS_END,
};

/* A row of cti_users, which is there once something was written, and its account's domain. */
struct cti_user_row {
	struct cti_user_change user;
	const char *domain;
};
static const struct field row_fields[] = {
	FIELD_INT_AS(cti_user_row, user.account_id, "account_id", .flags = FIELD_KEY),
	FIELD_TEXT(cti_user_row, domain, .flags = FIELD_COMPUTED),
	FIELD_INT_AS(cti_user_row, user.profile_id, "profile_id", .flags = FIELD_ZERO_NULL),
	FIELD_TEXT_AS(cti_user_row, user.main_extension, "main_extension"),
	FIELD_TEXT_AS(cti_user_row, user.voicemail, "voicemail"),
	FIELD_TEXT_AS(cti_user_row, user.cellphone, "cellphone"),
	FIELD_TEXT_AS(cti_user_row, user.jabber, "jabber"),
	FIELD_TEXT_AS(cti_user_row, user.default_device, "default_device"),
	FIELD_TRI_AS(cti_user_row, user.call_summary_enabled, "call_summary_enabled"),
	FIELD_TRI_AS(cti_user_row, user.recall_on_busy, "recall_on_busy"),
	FIELDS_END,
};
#define OF_USER .in = row_fields, .in_size = sizeof(struct cti_user_row)

static const struct field document_fields[] = {
	FIELD_JSON(cti_avatars, document),
	FIELD_BOOL(cti_avatars, own),
	FIELDS_END,
};
#define AVATARS PG_CONSTANT(CTI_AVATARS_MAX)

const struct stmt cti_users_stmts[CTI_USER_STMTS + 1] = {
	[CTI_USER_GET] = {
		.name = "cti_user_get",
		SUBJECT_KEY,
		.row = user_fields,
		.row_size = sizeof(struct cti_user),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a}" FROM_USERS PROFILE_JOIN
		       " WHERE a.id = " SUBJECT_CALLER,
	},
	[CTI_USER_LIST] = {
		.name = "cti_user_list",
		SUBJECT_KEY,
		.row = user_list_fields,
		.row_size = sizeof(struct cti_user),
		.rows = PG_MANY,
		.sql = "WITH " DIRECTORY_RANGE
		       " SELECT {row a} FROM accounts a LEFT JOIN LATERAL (SELECT * FROM cti_users"
		       "  WHERE account_id = a.id OFFSET 0) u ON true"
		       " WHERE " DIRECTORY_HAS("a.domain", "a.id") " AND NOT a.blocked ORDER BY a.id",
	},
	[CTI_USER_AVATARS] = {
		.name = "cti_user_avatars",
		SUBJECT_KEY,
		.row = document_fields,
		.row_size = sizeof(struct cti_avatars),
		.rows = PG_ONE,
		/* As they are stored, then as they are told: one may become many times as long. */
		.sql = "WITH " DIRECTORY_RANGE ","
		       " found AS MATERIALIZED (SELECT a.id, a.username, c.value"
		       "  FROM accounts a CROSS JOIN LATERAL (SELECT value FROM cti_settings"
		       "   WHERE account_id = a.id AND key = 'avatar' OFFSET 0) c"
		       "  WHERE " DIRECTORY_HAS("a.domain", "a.id") " AND NOT a.blocked),"
		       " own AS MATERIALIZED (SELECT coalesce((SELECT d.own FROM d), false) OR CASE"
		       "  WHEN (SELECT sum(pg_column_size(value)) FROM found) > " AVATARS
		       "  THEN true ELSE coalesce((SELECT sum(length(value::text)) FROM found), 0) > " AVATARS
		       "  END AS yes)"
		       " SELECT coalesce((SELECT jsonb_object_agg(f.username, f.value) FROM found f"
		       "   WHERE f.id = " SUBJECT_CALLER " OR NOT (SELECT yes FROM own)), '{}') AS document,"
		       " yes AS own FROM own",
	},
	[CTI_USER_SET_DEFAULT_DEVICE] = {
		.name = "cti_user_set_default_device",
		OF_USER,
		.rows = PG_NONE,
		.sql = "INSERT INTO cti_users (account_id, default_device)"
		       " VALUES ($account_id, $default_device)"
		       " ON CONFLICT (account_id) DO UPDATE"
		       " SET default_device = excluded.default_device, updated_at = now()",
	},
	[CTI_USER_ADMIN_GET] = {
		.name = "cti_user_admin_get",
		SUBJECT_KEY,
		.row = row_fields,
		.row_size = sizeof(struct cti_user_row),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row u}" FROM_USERS " WHERE a.id = $id AND a.domain = $domain",
	},
	[CTI_USER_ADMIN_PUT] = {
		.name = "cti_user_admin_put",
		OF_USER,
		.rows = PG_NONE,
		.sql = "INSERT INTO cti_users AS u ({in}) SELECT {values} FROM accounts a"
		       " WHERE a.id = $account_id AND a.domain = $domain"
		       " ON CONFLICT (account_id) DO UPDATE SET {set u}, updated_at = now()",
	},
};

enum err cti_user_get(struct service *s, int64_t account_id, struct cti_user *ret)
{
	const struct subject_key of = { .caller_id = account_id };

	return pg_one(s->pg, &cti_users_stmts[CTI_USER_GET], s->arena, ret, PG_IN(&of));
}

enum err cti_user_store_set_default_device(struct service *s, int64_t account_id, const char *exten)
{
	const struct cti_user_row row = { .user.account_id = account_id,
		.user.default_device = exten };

	return pg_run(s->pg, &cti_users_stmts[CTI_USER_SET_DEFAULT_DEVICE], NULL, PG_IN(&row));
}

/* Of a user without a row all is null. */
static enum err complete(struct service *s, void *row)
{
	struct cti_user_change *user = &((struct cti_user_row *)row)->user;

	(void)s;
	if (user->call_summary_enabled == TRI_UNSET)
		user->call_summary_enabled = TRI_FALSE;
	if (user->recall_on_busy == TRI_UNSET)
		user->recall_on_busy = TRI_FALSE;
	return ERR_OK;
}

enum err cti_user_store_admin_get(
	struct service *s, const char *domain, int64_t account_id, struct cti_user_change *ret)
{
	const struct subject_key of = { .id = account_id, .domain = domain };
	struct cti_user_row row;
	enum err e =
		pg_one(s->pg, &cti_users_stmts[CTI_USER_ADMIN_GET], s->arena, &row, PG_IN(&of));

	if (e != ERR_OK)
		return e;
	e = complete(s, &row);
	*ret = row.user;
	ret->account_id = account_id;
	return e;
}

enum err cti_user_store_admin_put(
	struct service *s, const char *domain, const struct cti_user_change *in)
{
	const struct cti_user_row row = { *in, domain };

	return pg_change(s->pg, &cti_users_stmts[CTI_USER_ADMIN_PUT], ERR_NOT_FOUND, PG_IN(&row));
}
static const struct field admin_in_path[] = { ACCOUNT_ID_IN_PATH, FIELDS_END };

/* The row begins with what administrators set. */
const struct subject cti_user_subject = { .name = "account",
	.path = admin_in_path,
	.find = &cti_users_stmts[CTI_USER_ADMIN_GET],
	.complete = complete };
const struct subject cti_user_own = {
	.name = "user", .find = &cti_users_stmts[CTI_USER_GET], .of_caller = true
};
const struct subject cti_users_of_domain = {
	.name = "users", .find = &cti_users_stmts[CTI_USER_LIST], .of_caller = true
};
const struct subject cti_avatars_of_domain = { .name = "avatars",
	.find = &cti_users_stmts[CTI_USER_AVATARS],
	.of_caller = true,
	.in_one = true };
