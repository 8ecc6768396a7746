#include "resources/contacts/contact.h"

#include "pg/pg.h"

enum { CONTACT_LIST, CONTACT_STMTS };

const struct stmt contacts_stmts[CONTACT_STMTS + 1] = {
	[CONTACT_LIST] = {
		.name = "contact_list",
		.in = account_fields,
		.in_size = sizeof(struct account),
		.row = account_fields,
		.row_size = sizeof(struct account),
		.rows = PG_MANY,
		.sql = "SELECT {row a} FROM contacts c JOIN accounts a ON a.id = c.contact_id"
		       " WHERE c.account_id = $id ORDER BY a.id",
	},
};

enum err contact_list(struct service *s, const struct account *owner, struct rows *ret)
{
	enum err e = pg_many(
		s->pg, &contacts_stmts[CONTACT_LIST], s->arena, &ret->items, &ret->n, PG_IN(owner));

	for (size_t i = 0; e == ERR_OK && i < ret->n; i++)
		account_row_complete(s->arena, (struct account *)ret->items + i);
	return e;
}
