#include "account_types_priv.h"

#include "pg/pg.h"
#include "resources/account_types/account_type.h"
#include "resources/accounts/account.h"
#include "service/subject_call.h"

enum {
	TYPE_LIST,
	TYPE_BY_ID,
	TYPE_INSERT,
	TYPE_UPDATE,
	TYPE_DELETE,
	TYPE_ATTACHABLE,
	TYPE_DETACHABLE,
	TYPE_ATTACH,
	TYPE_DETACH,
	TYPE_STMTS
};

#define OF_TYPE  .in = account_type_fields, .in_size = sizeof(struct account_type)
#define TYPE_ROW .row = account_type_fields, .row_size = sizeof(struct account_type)
#define OF_LINK  .in = account_type_link_fields, .in_size = sizeof(struct account_type_link)
#define LINK_ROW .row = account_type_link_fields, .row_size = sizeof(struct account_type_link)

const struct stmt account_types_stmts[TYPE_STMTS + 1] = {
	[TYPE_LIST] = {
		.name = "account_type_list",
		SUBJECT_KEY,
		TYPE_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM account_types WHERE NOT ended AND " SUBJECT_CALLED
		       " ORDER BY id",
	},
	[TYPE_BY_ID] = {
		.name = "account_type_by_id",
		SUBJECT_KEY,
		TYPE_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM account_types WHERE id = $id AND NOT ended",
	},
	[TYPE_INSERT] = {
		.name = "account_type_insert",
		OF_TYPE,
		TYPE_ROW,
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO account_types (key) SELECT $key"
		       " WHERE (SELECT count(*) FROM account_types WHERE NOT ended)"
		       " < " PG_CONSTANT(ACCOUNT_TYPES_MAX) " RETURNING {row}",
	},
	[TYPE_UPDATE] = {
		.name = "account_type_update",
		OF_TYPE,
		TYPE_ROW,
		.rows = PG_MAY_ONE,
		.sql = "UPDATE account_types SET {set}, updated_at = now()"
		       " WHERE id = $id AND NOT ended"
		       " RETURNING {row}",
	},
	[TYPE_DELETE] = {
		.name = "account_type_delete",
		OF_TYPE,
		.rows = PG_NONE,
		.sql = "UPDATE account_types SET ended = true WHERE id = $id AND NOT ended",
	},
	[TYPE_ATTACHABLE] = {
		.name = "account_type_attachable",
		SUBJECT_KEY,
		LINK_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT a.id AS account_id, t.id AS account_type_id,"
		       " jsonb_array_length(a.types) AS count"
		       " FROM accounts a, account_types t"
		       " WHERE a.id = $id AND a.domain = $domain AND t.id = $part_id"
		       " AND NOT t.ended",
	},
	[TYPE_DETACHABLE] = {
		.name = "account_type_detachable",
		SUBJECT_KEY,
		LINK_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT id AS account_id, $part_id::bigint AS account_type_id,"
		       " NULL::bigint AS count FROM accounts WHERE id = $id AND domain = $domain",
	},
	[TYPE_ATTACH] = {
		.name = "account_type_attach",
		OF_LINK,
		.rows = PG_NONE,
		.sql = "INSERT INTO account_account_type (account_id, account_type_id)"
		       " VALUES ($account_id, $account_type_id) ON CONFLICT DO NOTHING",
	},
	[TYPE_DETACH] = {
		.name = "account_type_detach",
		OF_LINK,
		.rows = PG_NONE,
		.sql = "DELETE FROM account_account_type"
		       " WHERE account_id = $account_id AND account_type_id = $account_type_id",
	},
};

enum err account_type_store_insert(
	struct service *s, const struct account_type *t, struct account_type *ret)
{
	return pg_one(s->pg, &account_types_stmts[TYPE_INSERT], s->arena, ret, PG_IN(t));
}

enum err account_type_store_update(
	struct service *s, const struct account_type *t, struct account_type *ret)
{
	return pg_one(s->pg, &account_types_stmts[TYPE_UPDATE], s->arena, ret, PG_IN(t));
}

enum err account_type_delete(struct service *s, int64_t id, int64_t *ret_count)
{
	const struct account_type of = { .id = id };

	return pg_run(s->pg, &account_types_stmts[TYPE_DELETE], ret_count, PG_IN(&of));
}

enum err account_type_store_attach(
	struct service *s, const struct account_type_link *l, int64_t *ret_count)
{
	return pg_run(s->pg, &account_types_stmts[TYPE_ATTACH], ret_count, PG_IN(l));
}

enum err account_type_store_detach(
	struct service *s, const struct account_type_link *l, int64_t *ret_count)
{
	return pg_run(s->pg, &account_types_stmts[TYPE_DETACH], ret_count, PG_IN(l));
}

static const struct field type_in_path[] = {
	FIELD_INT(subject_key, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the type"),
	FIELDS_END,
};
static const struct field link_in_path[] = {
	ACCOUNT_ID_IN_PATH,
	FIELD_INT_AS(subject_key, part_id, "type_id", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.min = 1, .doc = "Identifier of the type"),
	FIELDS_END,
};

const struct subject account_type_subject = {
	.name = "account_type", .path = type_in_path, .find = &account_types_stmts[TYPE_BY_ID]
};
const struct subject account_type_attachable = {
	.name = "account", .path = link_in_path, .find = &account_types_stmts[TYPE_ATTACHABLE]
};
const struct subject account_type_detachable = {
	.name = "account", .path = link_in_path, .find = &account_types_stmts[TYPE_DETACHABLE]
};
const struct subject account_types_all = {
	.name = "account_types", .find = &account_types_stmts[TYPE_LIST], .of_caller = true
};
