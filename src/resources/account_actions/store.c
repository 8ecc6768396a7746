#include "account_actions_priv.h"

#include "pg/pg.h"
#include "resources/account_actions/account_action.h"
#include "resources/accounts/account.h"
#include "service/subject_call.h"

enum { ACTION_LIST, ACTION_PLACE, ACTION_INSERT, ACTION_UPDATE, ACTION_DELETE, ACTION_STMTS };

/* An account, and the action of it that is asked for; without that one the id is null. */
static const struct field place_fields[] = {
	FIELD_INT(account_action, id, .column = "x.id"),
	FIELD_INT(account_action, account_id, .column = "a.id"),
	FIELD_TEXT(account_action, dtmf_protocol, .column = "a.dtmf_protocol"),
	FIELD_TEXT(account_action, key, .column = "x.key"),
	FIELD_TEXT(account_action, code, .column = "x.code"),
	FIELDS_END,
};

#define OF_ACTION  .in = account_action_fields, .in_size = sizeof(struct account_action)
#define ACTION_ROW .row = account_action_fields, .row_size = sizeof(struct account_action)

const struct stmt account_actions_stmts[ACTION_STMTS + 1] = {
	[ACTION_LIST] = {
		.name = "account_action_list",
		SUBJECT_KEY,
		ACTION_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM account_actions WHERE account_id = " SUBJECT_ACCOUNT
		       " ORDER BY id",
	},
	[ACTION_PLACE] = {
		.name = "account_action_place",
		SUBJECT_KEY,
		.row = place_fields,
		.row_size = sizeof(struct account_action),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM accounts a"
		       " LEFT JOIN account_actions x ON x.account_id = a.id AND x.id = $part_id"
		       " WHERE a.id = $id AND a.domain = $domain",
	},
	[ACTION_INSERT] = {
		.name = "account_action_insert",
		OF_ACTION,
		ACTION_ROW,
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO account_actions (account_id, key, code)"
		       " SELECT $account_id, $key, $code WHERE (SELECT count(*) FROM account_actions"
		       "   WHERE account_id = $account_id) < " PG_CONSTANT(ACCOUNT_ACTIONS_MAX)
		       " RETURNING {row}",
	},
	[ACTION_UPDATE] = {
		.name = "account_action_update",
		OF_ACTION,
		ACTION_ROW,
		.rows = PG_MAY_ONE,
		.sql = "UPDATE account_actions SET {set}, updated_at = now()"
		       " WHERE id = $id AND account_id = $account_id RETURNING {row}",
	},
	[ACTION_DELETE] = {
		.name = "account_action_delete",
		OF_ACTION,
		.rows = PG_NONE,
		.sql = "DELETE FROM account_actions WHERE id = $id AND account_id = $account_id",
	},
};

enum err account_action_store_insert(
	struct service *s, const struct account_action *a, struct account_action *ret)
{
	return pg_one(s->pg, &account_actions_stmts[ACTION_INSERT], s->arena, ret, PG_IN(a));
}

enum err account_action_store_update(
	struct service *s, const struct account_action *a, struct account_action *ret)
{
	return pg_one(s->pg, &account_actions_stmts[ACTION_UPDATE], s->arena, ret, PG_IN(a));
}

enum err account_action_delete(
	struct service *s, const struct account_action *a, int64_t *ret_count)
{
	return pg_run(s->pg, &account_actions_stmts[ACTION_DELETE], ret_count, PG_IN(a));
}

static const struct field account_in_path[] = { ACCOUNT_ID_IN_PATH, FIELDS_END };
static const struct field action_in_path[] = {
	ACCOUNT_ID_IN_PATH,
	FIELD_INT_AS(subject_key, part_id, "action_id", .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED, .min = 1, .doc = "Identifier of the action"),
	FIELDS_END,
};

const struct subject account_actions_subject = {
	.name = "account", .path = account_in_path, .find = &account_actions_stmts[ACTION_PLACE]
};
const struct subject account_action_subject = {
	.name = "account", .path = action_in_path, .find = &account_actions_stmts[ACTION_PLACE]
};
const struct subject account_actions_of = {
	.name = "account_actions", .find = &account_actions_stmts[ACTION_LIST], .of_caller = true
};
