#include "contacts_priv.h"

#include "pg/pg.h"
#include "resources/accounts/account.h"
#include "resources/contacts/contact.h"
#include "service/subject_call.h"

enum {
	CONTACT_ALL_OWN,
	CONTACT_OWN,
	CONTACT_LIST,
	CONTACT_ACCOUNT,
	CONTACT_TO_BE,
	CONTACT_OR_TYPE,
	CONTACT_ADD,
	CONTACT_REMOVE,
	CONTACT_STMTS
};

#define ACCOUNT_ROW .row = account_fields, .row_size = sizeof(struct account)
#define CONTACT_ROW .row = contact_fields, .row_size = sizeof(struct contact)
#define OF_LINK     .in = contact_link_fields, .in_size = sizeof(struct contact_link)
#define LINK_ROW    .row = contact_link_fields, .row_size = sizeof(struct contact_link)

/* Of the account `x`: given in person, or on a list it was given. */
#define CONTACTS_OF(x)                                                \
	"SELECT c.contact_id FROM contacts c WHERE c.account_id = " x \
	" UNION SELECT c.contact_id FROM account_contacts_list l"     \
	" JOIN contacts_lists t ON t.id = l.list_id"                  \
	" JOIN contacts_list_contact c ON c.list_id = t.id WHERE l.account_id = " x
#define SHOWN PG_CONSTANT(CONTACTS_SHOWN_MAX)

const struct stmt contacts_stmts[CONTACT_STMTS + 1] = {
	/* OFFSET keeps the planner at one look-up by primary key for each contact, however wrong it is
	 * about their number: it would read all accounts otherwise. */
	[CONTACT_ALL_OWN] = {
		.name = "contact_all_own",
		SUBJECT_KEY,
		CONTACT_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row a} FROM (" CONTACTS_OF(SUBJECT_CALLER)
		       " ORDER BY 1 LIMIT " SHOWN " + 1) u CROSS JOIN LATERAL"
		       " (SELECT * FROM accounts b WHERE b.id = u.contact_id OFFSET 0) a"
		       " ORDER BY u.contact_id",
	},
	[CONTACT_OWN] = {
		.name = "contact_own",
		SUBJECT_KEY,
		CONTACT_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a} FROM accounts a"
		       " WHERE a.username = $name AND a.domain = $domain AND coalesce("
		       "  (SELECT true FROM contacts c"
		       "   WHERE c.account_id = " SUBJECT_CALLER " AND c.contact_id = a.id),"
		       "  (SELECT true FROM account_contacts_list l CROSS JOIN LATERAL"
		       "   (SELECT FROM contacts_list_contact c"
		       "     WHERE c.list_id = l.list_id AND c.contact_id = a.id OFFSET 0) c"
		       "   WHERE l.account_id = " SUBJECT_CALLER
		       "   AND EXISTS (SELECT FROM contacts_lists t WHERE t.id = l.list_id) LIMIT 1),"
		       "  false)",
	},
	[CONTACT_LIST] = {
		.name = "contact_list",
		SUBJECT_KEY,
		ACCOUNT_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row a} FROM (SELECT contact_id FROM contacts"
		       "  WHERE account_id = " SUBJECT_ACCOUNT
		       "  ORDER BY 1 LIMIT " SHOWN ") u CROSS JOIN LATERAL"
		       " (SELECT * FROM accounts b WHERE b.id = u.contact_id OFFSET 0) a"
		       " WHERE a.domain = $domain ORDER BY u.contact_id",
	},
	[CONTACT_ACCOUNT] = {
		.name = "contact_account",
		SUBJECT_KEY,
		ACCOUNT_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a} FROM contacts c JOIN accounts o ON o.id = c.account_id"
		       " JOIN accounts a ON a.id = c.contact_id AND a.domain = o.domain"
		       " WHERE c.account_id = $id AND c.contact_id = $part_id AND o.domain = $domain",
	},
	[CONTACT_TO_BE] = {
		.name = "contact_to_be",
		SUBJECT_KEY,
		LINK_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT o.id AS account_id, a.id AS contact_id, (SELECT count(*) FROM contacts c"
		       "  WHERE c.account_id = o.id AND c.contact_id <> a.id) AS count"
		       " FROM accounts o JOIN accounts a ON a.domain = o.domain"
		       " WHERE o.id = $id AND o.domain = $domain AND a.id = $part_id",
	},
	[CONTACT_OR_TYPE] = {
		.name = "contact_or_type",
		SUBJECT_KEY,
		LINK_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT id AS account_id, $part_id::bigint AS contact_id,"
		       " NULL::bigint AS count FROM accounts WHERE id = $id AND domain = $domain",
	},
	[CONTACT_ADD] = {
		.name = "contact_add",
		OF_LINK,
		.rows = PG_NONE,
		.sql = "INSERT INTO contacts (account_id, contact_id)"
		       " VALUES ($account_id, $contact_id) ON CONFLICT DO NOTHING",
	},
	[CONTACT_REMOVE] = {
		.name = "contact_remove",
		OF_LINK,
		.rows = PG_NONE,
		.sql = "DELETE FROM contacts"
		       " WHERE account_id = $account_id AND contact_id = $contact_id",
	},
};

static enum err complete(struct service *s, void *row)
{
	struct contact *c = row;

	c->sip_uri = arena_printf(s->arena, "sip:%s@%s", c->username, c->domain);
	if (!c->dtmf_protocol)
		c->actions = "[]";
	return ERR_OK;
}

static enum err complete_all(struct service *s, void *rows)
{
	const struct rows *all = rows;

	for (size_t i = 0; i < all->n; i++)
		if (complete(s, (struct contact *)all->items + i) != ERR_OK)
			return ERR_INTERNAL;
	return ERR_OK;
}

static enum err complete_accounts(struct service *s, void *rows)
{
	account_rows_complete(s->arena, rows);
	return ERR_OK;
}

enum err contact_store_add(struct service *s, const struct contact_link *l)
{
	return pg_run(s->pg, &contacts_stmts[CONTACT_ADD], NULL, PG_IN(l));
}

enum err contact_store_remove(struct service *s, const struct contact_link *l, int64_t *ret_count)
{
	return pg_run(s->pg, &contacts_stmts[CONTACT_REMOVE], ret_count, PG_IN(l));
}

static const struct field pair_in_path[] = {
	ACCOUNT_ID_IN_PATH,
	FIELD_INT_AS(subject_key, part_id, "contact_id", .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the account that is a contact"),
	FIELDS_END,
};

const struct subject contact_own = { .name = "contact",
	.path = account_sip_in_path,
	.key = account_key_anywhere,
	.find = &contacts_stmts[CONTACT_OWN],
	.complete = complete,
	.of_caller = true };
const struct subject contact_account = { .name = "account_contact",
	.path = pair_in_path,
	.find = &contacts_stmts[CONTACT_ACCOUNT],
	.complete = account_complete };
const struct subject contact_to_be = {
	.name = "account_contact", .path = pair_in_path, .find = &contacts_stmts[CONTACT_TO_BE]
};
const struct subject contact_or_type = {
	.name = "account_contact", .path = pair_in_path, .find = &contacts_stmts[CONTACT_OR_TYPE]
};
const struct subject contacts_own = { .name = "contacts",
	.find = &contacts_stmts[CONTACT_ALL_OWN],
	.complete = complete_all,
	.of_caller = true };
const struct subject contacts_of_account = { .name = "contacts",
	.find = &contacts_stmts[CONTACT_LIST],
	.complete = complete_accounts,
	.of_caller = true };
