#include "dictionary_priv.h"

#include "pg/pg.h"
#include "resources/accounts/account.h"
#include "resources/dictionary/dictionary.h"
#include "service/subject_call.h"

enum { ENTRY_GET, ENTRY_SET, ENTRY_REMOVE, DICTIONARY_CLEAR, DICTIONARY_STMTS };

#define OF_ENTRY .in = dictionary_entry_fields, .in_size = sizeof(struct dictionary_entry)

#define WITH_ENTRY "dictionary || jsonb_build_object($key::text, $value::text)"

const struct stmt dictionary_stmts[DICTIONARY_STMTS + 1] = {
	[ENTRY_GET] = {
		.name = "dictionary_entry",
		SUBJECT_KEY,
		.row = dictionary_entry_fields,
		.row_size = sizeof(struct dictionary_entry),
		.rows = PG_MAY_ONE,
		.sql = "SELECT id AS account_id, $name::text AS key, dictionary ->> $name::text AS value"
		       " FROM accounts WHERE id = $id AND domain = $domain",
	},
	[ENTRY_SET] = {
		.name = "dictionary_set",
		OF_ENTRY,
		.rows = PG_NONE,
		.sql = "UPDATE accounts SET dictionary = " WITH_ENTRY ", updated_at = now()"
		       " WHERE id = $account_id AND octet_length((" WITH_ENTRY ")::text)"
		       " <= " PG_CONSTANT(DICTIONARY_MAX_BYTES),
	},
	[ENTRY_REMOVE] = {
		.name = "dictionary_remove",
		OF_ENTRY,
		.rows = PG_NONE,
		.sql = "UPDATE accounts SET dictionary = dictionary - $key::text, updated_at = now()"
		       " WHERE id = $account_id AND dictionary ? $key::text",
	},
	[DICTIONARY_CLEAR] = {
		.name = "dictionary_clear",
		OF_ENTRY,
		.row = pg_counted_fields,
		.row_size = sizeof(struct counted),
		.rows = PG_MAY_ONE,
		.sql = "WITH d AS (SELECT id,"
		       "   (SELECT count(*) FROM jsonb_object_keys(dictionary)) AS count"
		       "   FROM accounts WHERE id = $account_id FOR NO KEY UPDATE),"
		       " u AS (UPDATE accounts a SET dictionary = '{}', updated_at = now()"
		       "   FROM d WHERE a.id = d.id AND d.count > 0)"
		       " SELECT count FROM d",
	},
};

enum err dictionary_store_set(struct service *s, const struct dictionary_entry *e)
{
	return pg_change(s->pg, &dictionary_stmts[ENTRY_SET], ERR_LIMIT, PG_IN(e));
}

enum err dictionary_remove(struct service *s, const struct dictionary_entry *e, int64_t *ret_count)
{
	return pg_run(s->pg, &dictionary_stmts[ENTRY_REMOVE], ret_count, PG_IN(e));
}

enum err dictionary_clear(struct service *s, int64_t account_id, int64_t *ret_count)
{
	const struct dictionary_entry of = { .account_id = account_id };
	struct counted row;
	enum err e = pg_one(s->pg, &dictionary_stmts[DICTIONARY_CLEAR], NULL, &row, PG_IN(&of));

	if (e == ERR_OK)
		*ret_count = row.count;
	return e;
}

static const struct field entry_in_path[] = {
	ACCOUNT_ID_IN_PATH,
	FIELD_TEXT_AS(subject_key, name, "key", .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED | FIELD_RAW, .doc = "Key of the entry",
		.example = "colour"),
	FIELDS_END,
};

const struct subject dictionary_entry_subject = {
	.name = "account", .path = entry_in_path, .find = &dictionary_stmts[ENTRY_GET]
};
