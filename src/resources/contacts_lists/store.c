#include "contacts_lists_priv.h"

#include "pg/pg.h"
#include "resources/contacts_lists/contacts_list.h"
#include "service/subject_call.h"

enum {
	LIST_ALL,
	LIST_BY_ID,
	LIST_INSERT,
	LIST_UPDATE,
	LIST_DELETE,
	LIST_WITH_CONTACT,
	LIST_WITHOUT_CONTACT,
	LIST_FOR_ACCOUNT,
	LIST_OF_ACCOUNT,
	LIST_PUT_ON,
	LIST_TAKE_OFF,
	LIST_ATTACH,
	LIST_DETACH,
	LIST_STMTS
};

#define OF_LIST  .in = contacts_list_fields, .in_size = sizeof(struct contacts_list)
#define LIST_ROW .row = contacts_list_fields, .row_size = sizeof(struct contacts_list)
#define OF_LINK  .in = contacts_list_link_fields, .in_size = sizeof(struct contacts_list_link)
#define LINK_ROW .row = contacts_list_link_fields, .row_size = sizeof(struct contacts_list_link)

const struct stmt contacts_lists_stmts[LIST_STMTS + 1] = {
	[LIST_ALL] = {
		.name = "contacts_list_all",
		SUBJECT_KEY,
		LIST_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM contacts_lists WHERE domain = $domain AND " SUBJECT_CALLED
		       " ORDER BY id",
	},
	[LIST_BY_ID] = {
		.name = "contacts_list_by_id",
		SUBJECT_KEY,
		LIST_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM contacts_lists WHERE id = $id AND domain = $domain",
	},
	[LIST_INSERT] = {
		.name = "contacts_list_insert",
		OF_LIST,
		LIST_ROW,
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO contacts_lists (domain, title, description)"
		       " SELECT $domain, $title, $description"
		       "  WHERE (SELECT count(*) FROM contacts_lists WHERE domain = $domain)"
		       "   < " PG_CONSTANT(CONTACTS_LISTS_MAX) " RETURNING {row}",
	},
	[LIST_UPDATE] = {
		.name = "contacts_list_update",
		OF_LIST,
		LIST_ROW,
		.rows = PG_MAY_ONE,
		.sql = "UPDATE contacts_lists SET {set}, updated_at = now()"
		       " WHERE id = $id AND domain = $domain RETURNING {row}",
	},
	[LIST_DELETE] = {
		.name = "contacts_list_delete",
		OF_LIST,
		.rows = PG_NONE,
		.sql = "DELETE FROM contacts_lists WHERE id = $id AND domain = $domain",
	},
	[LIST_WITH_CONTACT] = {
		.name = "contacts_list_with_contact",
		SUBJECT_KEY,
		LINK_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT l.id AS list_id, a.id AS account_id, l.contacts_count - EXISTS ("
		       "   SELECT FROM contacts_list_contact c"
		       "    WHERE c.list_id = l.id AND c.contact_id = a.id)::int AS count"
		       " FROM contacts_lists l JOIN accounts a ON a.domain = l.domain"
		       " WHERE l.id = $id AND l.domain = $domain AND a.id = $part_id",
	},
	[LIST_WITHOUT_CONTACT] = {
		.name = "contacts_list_without_contact",
		SUBJECT_KEY,
		LINK_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT id AS list_id, $part_id::bigint AS account_id, NULL::bigint AS count"
		       " FROM contacts_lists WHERE id = $id AND domain = $domain",
	},
	[LIST_FOR_ACCOUNT] = {
		.name = "contacts_list_for_account",
		SUBJECT_KEY,
		LINK_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT l.id AS list_id, a.id AS account_id,"
		       " (SELECT count(*) FROM account_contacts_list x WHERE x.account_id = a.id)"
		       "  AS count"
		       " FROM contacts_lists l JOIN accounts a ON a.domain = l.domain"
		       " WHERE a.id = $id AND a.domain = $domain AND l.id = $part_id",
	},
	[LIST_OF_ACCOUNT] = {
		.name = "contacts_list_of_account",
		SUBJECT_KEY,
		LINK_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT $part_id::bigint AS list_id, id AS account_id, NULL::bigint AS count"
		       " FROM accounts WHERE id = $id AND domain = $domain",
	},
	[LIST_PUT_ON] = {
		.name = "contacts_list_put_on",
		OF_LINK,
		.rows = PG_NONE,
		.sql = "INSERT INTO contacts_list_contact (list_id, contact_id)"
		       " VALUES ($list_id, $account_id) ON CONFLICT DO NOTHING",
	},
	[LIST_TAKE_OFF] = {
		.name = "contacts_list_take_off",
		OF_LINK,
		.rows = PG_NONE,
		.sql = "DELETE FROM contacts_list_contact"
		       " WHERE list_id = $list_id AND contact_id = $account_id",
	},
	[LIST_ATTACH] = {
		.name = "contacts_list_attach",
		OF_LINK,
		.rows = PG_NONE,
		.sql = "INSERT INTO account_contacts_list (account_id, list_id)"
		       " VALUES ($account_id, $list_id) ON CONFLICT DO NOTHING",
	},
	[LIST_DETACH] = {
		.name = "contacts_list_detach",
		OF_LINK,
		.rows = PG_NONE,
		.sql = "DELETE FROM account_contacts_list"
		       " WHERE account_id = $account_id AND list_id = $list_id",
	},
};

enum err contacts_list_store_insert(
	struct service *s, const struct contacts_list *l, struct contacts_list *ret)
{
	return pg_one(s->pg, &contacts_lists_stmts[LIST_INSERT], s->arena, ret, PG_IN(l));
}

enum err contacts_list_store_update(
	struct service *s, const struct contacts_list *l, struct contacts_list *ret)
{
	return pg_one(s->pg, &contacts_lists_stmts[LIST_UPDATE], s->arena, ret, PG_IN(l));
}

enum err contacts_list_delete(struct service *s, const struct contacts_list *l, int64_t *ret_count)
{
	return pg_run(s->pg, &contacts_lists_stmts[LIST_DELETE], ret_count, PG_IN(l));
}

enum err contacts_list_store_put_on(
	struct service *s, const struct contacts_list_link *l, int64_t *ret_count)
{
	return pg_run(s->pg, &contacts_lists_stmts[LIST_PUT_ON], ret_count, PG_IN(l));
}

enum err contacts_list_store_take_off(
	struct service *s, const struct contacts_list_link *l, int64_t *ret_count)
{
	return pg_run(s->pg, &contacts_lists_stmts[LIST_TAKE_OFF], ret_count, PG_IN(l));
}

enum err contacts_list_store_attach(
	struct service *s, const struct contacts_list_link *l, int64_t *ret_count)
{
	return pg_run(s->pg, &contacts_lists_stmts[LIST_ATTACH], ret_count, PG_IN(l));
}

enum err contacts_list_store_detach(
	struct service *s, const struct contacts_list_link *l, int64_t *ret_count)
{
	return pg_run(s->pg, &contacts_lists_stmts[LIST_DETACH], ret_count, PG_IN(l));
}

/* clang-format off */
#define ID(member, name, of)                                                                        \
	FIELD_INT_AS(subject_key, member, name, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,       \
		.min = 1, .doc = "Identifier of the " of)
/* clang-format on */

static const struct field list_in_path[] = { ID(id, "id", "list"), FIELDS_END };
static const struct field contact_in_path[] = { ID(id, "id", "list"),
	ID(part_id, "contact_id", "account that is a contact"), FIELDS_END };
static const struct field account_in_path[] = { ID(id, "id", "account"),
	ID(part_id, "contacts_list_id", "list"), FIELDS_END };

const struct subject contacts_list_subject = {
	.name = "contacts_list", .path = list_in_path, .find = &contacts_lists_stmts[LIST_BY_ID]
};
const struct subject contacts_list_with_contact = { .name = "contacts_list_contact",
	.path = contact_in_path,
	.find = &contacts_lists_stmts[LIST_WITH_CONTACT] };
const struct subject contacts_list_without_contact = { .name = "contacts_list_contact",
	.path = contact_in_path,
	.find = &contacts_lists_stmts[LIST_WITHOUT_CONTACT] };
const struct subject contacts_list_for_account = { .name = "contacts_list_account",
	.path = account_in_path,
	.find = &contacts_lists_stmts[LIST_FOR_ACCOUNT] };
const struct subject contacts_list_of_account = { .name = "contacts_list_account",
	.path = account_in_path,
	.find = &contacts_lists_stmts[LIST_OF_ACCOUNT] };
const struct subject contacts_lists_of_space = {
	.name = "contacts_lists", .find = &contacts_lists_stmts[LIST_ALL], .of_caller = true
};
