#include "extensions_priv.h"

#include "pg/pg.h"
#include "resources/accounts/account.h"
#include "service/subject_call.h"
#include "resources/extensions/directory_range.h"
#include "resources/extensions/extension.h"

enum {
	EXTENSION_LIST_OWN,
	EXTENSION_LIST,
	EXTENSION_LIST_DOMAIN,
	EXTENSION_GET,
	EXTENSION_INSERT,
	EXTENSION_UPDATE,
	EXTENSION_DELETE,
	EXTENSION_SUBJECT,
	EXTENSION_STMTS
};

struct room {
	bool is_left;
};
static const struct field room_fields[] = { FIELD_BOOL(room, is_left), FIELDS_END };

#define MOST          PG_CONSTANT(EXTENSIONS_OF_ONE_MAX)
#define OF_EXTENSION  .in = extension_fields, .in_size = sizeof(struct extension)
#define EXTENSION_ROW .row = extension_fields, .row_size = sizeof(struct extension)

const struct stmt extensions_stmts[EXTENSION_STMTS + 1] = {
	[EXTENSION_LIST_OWN] = {
		.name = "extension_list_own",
		SUBJECT_KEY,
		EXTENSION_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM extensions WHERE account_id = " SUBJECT_CALLER
		       " ORDER BY exten",
	},
	[EXTENSION_LIST] = {
		.name = "extension_list",
		SUBJECT_KEY,
		EXTENSION_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM extensions WHERE account_id = " SUBJECT_ACCOUNT
		       " ORDER BY exten",
	},
	[EXTENSION_LIST_DOMAIN] = {
		.name = "extension_list_domain",
		SUBJECT_KEY,
		EXTENSION_ROW,
		.rows = PG_MANY,
		.sql = "WITH " DIRECTORY_RANGE " SELECT {row} FROM extensions"
		       " WHERE " DIRECTORY_HAS("domain", "account_id") " ORDER BY account_id, exten",
	},
	[EXTENSION_GET] = {
		.name = "extension_get",
		OF_EXTENSION,
		EXTENSION_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM extensions WHERE account_id = $account_id AND exten = $exten",
	},
	[EXTENSION_INSERT] = {
		.name = "extension_insert",
		OF_EXTENSION,
		.row = room_fields,
		.row_size = sizeof(struct room),
		.rows = PG_MAY_ONE,
		.sql = "WITH a AS MATERIALIZED (SELECT (SELECT count(*) FROM (SELECT FROM extensions"
		       "   WHERE account_id = $account_id LIMIT " MOST ") x) < " MOST " AS is_left"
		       "  FROM accounts WHERE id = $account_id AND domain = $domain),"
		       " i AS (INSERT INTO extensions ({in}, ha1_md5, ha1_sha256)"
		       "  SELECT {values}, $ha1_md5, $ha1_sha256 FROM a WHERE is_left)"
		       " SELECT is_left FROM a",
	},
	[EXTENSION_UPDATE] = {
		.name = "extension_update",
		OF_EXTENSION,
		.rows = PG_NONE,
		.sql = "UPDATE extensions SET {set}, updated_at = now(), secret_sealed ="
		       " CASE WHEN $type <> 'physical' THEN coalesce($secret_sealed, secret_sealed) END,"
		       " ha1_md5 = $ha1_md5, ha1_sha256 = $ha1_sha256"
		       " WHERE account_id = $account_id AND exten = $exten",
	},
	[EXTENSION_DELETE] = {
		.name = "extension_delete",
		OF_EXTENSION,
		.rows = PG_NONE,
		.sql = "DELETE FROM extensions"
		       " WHERE account_id = $account_id AND exten = $exten",
	},
	[EXTENSION_SUBJECT] = {
		.name = "extension_subject",
		SUBJECT_KEY,
		EXTENSION_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM extensions"
		       " WHERE account_id = $id AND exten = $name AND domain = $domain",
	},
};

enum err extension_store_list(
	struct service *s, int64_t account_id, struct extension **ret, size_t *ret_count)
{
	const struct subject_key of = { .caller_id = account_id };
	void *rows;
	enum err e = pg_many(s->pg, &extensions_stmts[EXTENSION_LIST_OWN], s->arena, &rows,
		ret_count, PG_IN(&of));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err extension_store_get(
	struct service *s, int64_t account_id, const char *exten, struct extension *ret)
{
	const struct extension of = { .account_id = account_id, .exten = exten };

	return pg_one(s->pg, &extensions_stmts[EXTENSION_GET], s->arena, ret, PG_IN(&of));
}

static struct extension described(const struct extension *x)
{
	struct extension row = *x;

	row.description = x->description ? x->description : "";
	return row;
}

enum err extension_store_insert(struct service *s, const char *domain, const struct extension *x)
{
	struct extension row = described(x);

	struct room room;

	row.domain = domain;
	enum err e = pg_one(s->pg, &extensions_stmts[EXTENSION_INSERT], NULL, &room, PG_IN(&row));

	return e == ERR_OK && !room.is_left ? ERR_LIMIT : e;
}

enum err extension_store_update(struct service *s, const struct extension *x)
{
	const struct extension row = described(x);

	return pg_change(s->pg, &extensions_stmts[EXTENSION_UPDATE], ERR_NOT_FOUND, PG_IN(&row));
}

enum err extension_store_delete(struct service *s, int64_t account_id, const char *exten)
{
	const struct extension of = { .account_id = account_id, .exten = exten };

	return pg_change(s->pg, &extensions_stmts[EXTENSION_DELETE], ERR_NOT_FOUND, PG_IN(&of));
}

static const struct field exten_in_path[] = {
	ACCOUNT_ID_IN_PATH,
	FIELD_TEXT_AS(subject_key, name, "exten", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = EXTENSION_MAX, .check = extension_check, .doc = "Number of the extension"),
	FIELDS_END,
};

const struct subject extension_subject = {
	.name = "extension", .path = exten_in_path, .find = &extensions_stmts[EXTENSION_SUBJECT]
};
const struct subject extensions_own = {
	.name = "extensions", .find = &extensions_stmts[EXTENSION_LIST_OWN], .of_caller = true
};
const struct subject extensions_of_account = {
	.name = "extensions", .find = &extensions_stmts[EXTENSION_LIST], .of_caller = true
};
const struct subject extensions_of_domain = {
	.name = "extensions", .find = &extensions_stmts[EXTENSION_LIST_DOMAIN], .of_caller = true
};
