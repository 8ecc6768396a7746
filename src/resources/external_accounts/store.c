#include "external_accounts_priv.h"

#include "pg/pg.h"
#include "resources/accounts/account.h"
#include "service/subject_call.h"

enum {
	EXTERNAL_LOCK,
	EXTERNAL_GET,
	EXTERNAL_PUT,
	EXTERNAL_DELETE,
	EXTERNAL_SUBJECT,
	EXTERNAL_STMTS
};

static const struct field row_fields[] = {
	FIELD_INT(external_row, account_id),
	FIELD_TEXT(external_row, username),
	FIELD_TEXT(external_row, domain),
	FIELD_TEXT(external_row, realm),
	FIELD_TEXT(external_row, registrar),
	FIELD_TEXT(external_row, outbound_proxy),
	FIELD_TEXT(external_row, protocol),
	FIELD_TEXT(external_row, ha1, .flags = FIELD_COMPUTED | FIELD_SECRET),
	FIELDS_END,
};

#define EXTERNAL_ROW .row = external_account_fields, .row_size = sizeof(struct external_account)

const struct stmt external_accounts_stmts[EXTERNAL_STMTS + 1] = {
	[EXTERNAL_LOCK] = {
		.name = "external_lock",
		.params = { PG_INT },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE",
	},
	[EXTERNAL_GET] = {
		.name = "external_get",
		.params = { PG_INT },
		EXTERNAL_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM external_accounts WHERE account_id = $1",
	},
	[EXTERNAL_PUT] = {
		.name = "external_put",
		.in = row_fields,
		.in_size = sizeof(struct external_row),
		EXTERNAL_ROW,
		.rows = PG_ONE,
		.sql = "INSERT INTO external_accounts AS x ({in}, password)"
		       " SELECT {values}, coalesce($ha1, (SELECT password FROM external_accounts"
		       "  WHERE account_id = $account_id))"
		       " ON CONFLICT (account_id) DO UPDATE SET username = excluded.username,"
		       " domain = excluded.domain, realm = excluded.realm,"
		       " registrar = excluded.registrar, outbound_proxy = excluded.outbound_proxy,"
		       " protocol = excluded.protocol, password = excluded.password,"
		       " updated_at = now() RETURNING {row x}",
	},
	[EXTERNAL_DELETE] = {
		.name = "external_delete",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM external_accounts WHERE id = $1",
	},
	[EXTERNAL_SUBJECT] = {
		.name = "external_subject",
		SUBJECT_KEY,
		EXTERNAL_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row x} FROM external_accounts x JOIN accounts a ON a.id = x.account_id"
		       " WHERE x.account_id = $id AND a.domain = $domain",
	},
};

enum err external_store_lock(struct service *s, int64_t account_id)
{
	struct pg_id locked;

	return pg_one(s->pg, &external_accounts_stmts[EXTERNAL_LOCK], NULL, &locked,
		PG_VALUES(pg_int(account_id)));
}

enum err external_store_get(struct service *s, int64_t account_id, struct external_account *ret)
{
	return pg_one(s->pg, &external_accounts_stmts[EXTERNAL_GET], s->arena, ret,
		PG_VALUES(pg_int(account_id)));
}

enum err external_store_put(
	struct service *s, const struct external_row *row, struct external_account *ret)
{
	return pg_one(s->pg, &external_accounts_stmts[EXTERNAL_PUT], s->arena, ret, PG_IN(row));
}

enum err external_account_delete(struct service *s, const struct external_account *x)
{
	return pg_change(s->pg, &external_accounts_stmts[EXTERNAL_DELETE], ERR_NOT_FOUND,
		PG_VALUES(pg_int(x->id)));
}

static const struct field id_in_path[] = {
	ACCOUNT_ID_IN_PATH,
	FIELDS_END,
};

const struct subject external_account_subject = { .name = "external account",
	.path = id_in_path,
	.find = &external_accounts_stmts[EXTERNAL_SUBJECT] };
