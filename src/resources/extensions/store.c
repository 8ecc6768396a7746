#include "extensions_priv.h"

#include "pg/pg.h"
#include "service/subject_call.h"
#include "resources/extensions/extension.h"

enum {
	EXTENSION_LIST,
	EXTENSION_LIST_DOMAIN,
	EXTENSION_GET,
	EXTENSION_INSERT,
	EXTENSION_UPDATE,
	EXTENSION_DELETE,
	EXTENSION_SUBJECT,
	EXTENSION_STMTS
};

#define COLUMNS                                                                                    \
	" account_id, exten, type, username AS sip_username, description, coalesce(proxy_port, 0)" \
	" AS proxy_port, secret_sealed"

const struct stmt extensions_stmts[EXTENSION_STMTS + 1] = {
	[EXTENSION_LIST] = {
		.name = "extension_list",
		.params = { PG_INT },
		.row = extension_fields,
		.row_size = sizeof(struct extension),
		.rows = PG_MANY,
		.sql = "SELECT" COLUMNS " FROM extensions WHERE account_id = $1 ORDER BY exten",
	},
	[EXTENSION_LIST_DOMAIN] = {
		.name = "extension_list_domain",
		.params = { PG_TEXT },
		.row = extension_fields,
		.row_size = sizeof(struct extension),
		.rows = PG_MANY,
		.sql = "SELECT" COLUMNS " FROM extensions WHERE domain = $1 ORDER BY account_id, exten",
	},
	[EXTENSION_GET] = {
		.name = "extension_get",
		.params = { PG_INT, PG_TEXT },
		.row = extension_fields,
		.row_size = sizeof(struct extension),
		.rows = PG_MAY_ONE,
		.sql = "SELECT" COLUMNS " FROM extensions WHERE account_id = $1 AND exten = $2",
	},
	[EXTENSION_INSERT] = {
		.name = "extension_insert",
		.params = { PG_INT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_INT, PG_BYTES },
		.rows = PG_NONE,
		.sql = "INSERT INTO extensions (account_id, domain, exten, type, username, description,"
		       " proxy_port, secret_sealed) SELECT a.id, a.domain, $3, $4, $5, coalesce($6, ''),"
		       " nullif($7, 0), $8 FROM accounts a WHERE a.id = $1 AND a.domain = $2",
	},
	[EXTENSION_UPDATE] = {
		.name = "extension_update",
		.params = { PG_INT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_INT, PG_BYTES },
		.rows = PG_NONE,
		.sql = "UPDATE extensions SET type = $3, username = $4, description = coalesce($5, ''),"
		       " proxy_port = nullif($6, 0), updated_at = now(), secret_sealed ="
		       " CASE WHEN $3 <> 'physical' THEN coalesce($7, secret_sealed) END"
		       " WHERE account_id = $1 AND exten = $2",
	},
	[EXTENSION_DELETE] = {
		.name = "extension_delete",
		.params = { PG_INT, PG_TEXT },
		.rows = PG_NONE,
		.sql = "DELETE FROM extensions WHERE account_id = $1 AND exten = $2",
	},
	[EXTENSION_SUBJECT] = {
		.name = "extension_subject",
		SUBJECT_KEY,
		.row = extension_fields,
		.row_size = sizeof(struct extension),
		.rows = PG_MAY_ONE,
		.sql = "SELECT" COLUMNS " FROM extensions"
		       " WHERE account_id = $id AND exten = $name AND domain = $domain",
	},
};

static enum err list(struct service *s, const struct stmt *stmt, struct pg_value of,
	struct extension **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, stmt, s->arena, &rows, ret_count, PG_VALUES(of));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err extension_store_list(
	struct service *s, int64_t account_id, struct extension **ret, size_t *ret_count)
{
	return list(s, &extensions_stmts[EXTENSION_LIST], pg_int(account_id), ret, ret_count);
}

enum err extension_list_domain(
	struct service *s, const char *domain, struct extension **ret, size_t *ret_count)
{
	return list(s, &extensions_stmts[EXTENSION_LIST_DOMAIN], pg_text(domain), ret, ret_count);
}

enum err extension_store_get(
	struct service *s, int64_t account_id, const char *exten, struct extension *ret)
{
	return pg_one(s->pg, &extensions_stmts[EXTENSION_GET], s->arena, ret,
		PG_VALUES(pg_int(account_id), pg_text(exten)));
}

enum err extension_store_insert(struct service *s, const char *domain, const struct extension *x)
{
	return pg_change(s->pg, &extensions_stmts[EXTENSION_INSERT], ERR_NOT_FOUND,
		PG_VALUES(pg_int(x->account_id), pg_text(domain), pg_text(x->exten),
			pg_text(x->type), pg_text(x->username), pg_text(x->description),
			pg_int(x->proxy_port), pg_bytes(x->secret_sealed.p, x->secret_sealed.n)));
}

enum err extension_store_update(struct service *s, const struct extension *x)
{
	return pg_change(s->pg, &extensions_stmts[EXTENSION_UPDATE], ERR_NOT_FOUND,
		PG_VALUES(pg_int(x->account_id), pg_text(x->exten), pg_text(x->type),
			pg_text(x->username), pg_text(x->description), pg_int(x->proxy_port),
			pg_bytes(x->secret_sealed.p, x->secret_sealed.n)));
}

enum err extension_store_delete(struct service *s, int64_t account_id, const char *exten)
{
	return pg_change(s->pg, &extensions_stmts[EXTENSION_DELETE], ERR_NOT_FOUND,
		PG_VALUES(pg_int(account_id), pg_text(exten)));
}

static const struct field exten_in_path[] = {
	FIELD_INT(subject_key, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the account"),
	FIELD_TEXT_AS(subject_key, name, "exten", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = EXTENSION_MAX, .check = extension_check, .doc = "Number of the extension"),
	FIELDS_END,
};

const struct subject extension_subject = {
	.name = "extension", .path = exten_in_path, .find = &extensions_stmts[EXTENSION_SUBJECT]
};
