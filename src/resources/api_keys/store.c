#include "api_keys_priv.h"
#include "resources/api_keys/api_key.h"

#include "pg/pg.h"
#include "service/subject_call.h"

enum {
	KEY_REPLACE_OWN,
	KEY_DROP_OWN,
	KEY_INSERT,
	KEY_LIST,
	KEY_LIST_SERVICE,
	KEY_SUBJECT,
	KEY_DELETE,
	KEY_COUNT_USES,
	KEY_STMTS
};

struct key_owner {
	const char *username, *domain;
};
static const struct field owner_fields[] = {
	FIELD_TEXT(key_owner, username),
	FIELD_TEXT(key_owner, domain),
	FIELDS_END,
};

#define SERVICE_KEY_ROW .row = service_key_fields, .row_size = sizeof(struct api_key)

const struct stmt api_keys_stmts[KEY_STMTS + 1] = {
	[KEY_REPLACE_OWN] = {
		.name = "key_replace_own",
		.params = { PG_INT, PG_BYTES, PG_INET },
		.rows = PG_NONE,
		.sql = "INSERT INTO api_keys (account_id, key_hash, ip) VALUES ($1, $2, $3)"
		       " ON CONFLICT (account_id) WHERE name IS NULL DO UPDATE"
		       " SET key_hash = excluded.key_hash, ip = excluded.ip, requests = 0,"
		       " last_used_at = NULL, expires_after_last_used_minutes = NULL,"
		       " created_at = now(), updated_at = now()",
	},
	[KEY_DROP_OWN] = {
		.name = "key_drop_own",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM api_keys WHERE account_id = $1 AND name IS NULL",
	},
	[KEY_INSERT] = {
		.name = "key_insert",
		.params = { PG_INT, PG_BYTES, PG_TEXT, PG_INET, PG_INT, PG_INT },
		SERVICE_KEY_ROW,
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO api_keys AS k (account_id, key_hash, name, ip,"
		       " expires_after_last_used_minutes) SELECT $1, $2, $3, $4, $5"
		       " WHERE (SELECT count(*) FROM (SELECT FROM api_keys WHERE account_id = $1"
		       "  AND name IS NOT NULL LIMIT $6) o) < $6 RETURNING {row k}",
	},
	[KEY_LIST] = {
		.name = "key_list",
		.in = owner_fields,
		.in_size = sizeof(struct key_owner),
		.row = api_key_fields,
		.row_size = sizeof(struct api_key),
		.rows = PG_MANY,
		.sql = "SELECT {row k} FROM (SELECT * FROM api_keys WHERE $username IS NULL"
		       "  UNION ALL SELECT o.* FROM accounts a CROSS JOIN LATERAL"
		       "   (SELECT * FROM api_keys WHERE account_id = a.id OFFSET 0) o"
		       "   WHERE a.username = $username AND a.domain = $domain) k CROSS JOIN LATERAL"
		       " (SELECT * FROM accounts WHERE id = k.account_id OFFSET 0) a ORDER BY k.id",
	},
	[KEY_LIST_SERVICE] = {
		.name = "key_list_service",
		SUBJECT_KEY,
		SERVICE_KEY_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row k} FROM api_keys k CROSS JOIN LATERAL"
		       " (SELECT domain FROM accounts WHERE id = k.account_id OFFSET 0) a"
		       " WHERE a.domain = $domain AND k.name IS NOT NULL AND " SUBJECT_CALLED
		       " ORDER BY k.id",
	},
	[KEY_SUBJECT] = {
		.name = "key_subject",
		SUBJECT_KEY,
		SERVICE_KEY_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row k} FROM api_keys k JOIN accounts a ON a.id = k.account_id"
		       " WHERE k.id = $id AND k.name IS NOT NULL AND a.domain = $domain",
	},
	[KEY_DELETE] = {
		.name = "key_delete",
		.params = { PG_INT },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "DELETE FROM api_keys WHERE id = $1 RETURNING id",
	},
	/* Every worker takes them in the same order, so that no two wait for each other. */
	[KEY_COUNT_USES] = {
		.name = "key_count_uses",
		.params = { PG_TEXTS, PG_INTS },
		.rows = PG_NONE,
		.sql = "WITH used AS MATERIALIZED (SELECT k.id, u.uses FROM unnest($1, $2) u (hash, uses)"
		       " JOIN api_keys k ON k.key_hash = decode(u.hash, 'hex')"
		       " ORDER BY k.account_id, k.id FOR NO KEY UPDATE OF k)"
		       " UPDATE api_keys k SET requests = k.requests + u.uses,"
		       " last_used_at = greatest(k.last_used_at, k.created_at, now())"
		       " FROM used u WHERE k.id = u.id",
	},
};

enum err key_store_replace_own(
	struct service *s, int64_t account_id, struct str hash, const char *ip)
{
	return pg_run(s->pg, &api_keys_stmts[KEY_REPLACE_OWN], NULL,
		PG_VALUES(pg_int(account_id), pg_bytes(hash.p, hash.n), pg_inet(ip)));
}

enum err key_store_drop_own(struct service *s, int64_t account_id)
{
	return pg_run(s->pg, &api_keys_stmts[KEY_DROP_OWN], NULL, PG_VALUES(pg_int(account_id)));
}

enum err key_store_insert(struct service *s, int64_t account_id, struct str hash,
	const struct service_key_input *in, struct api_key *ret)
{
	return pg_one(s->pg, &api_keys_stmts[KEY_INSERT], s->arena, ret,
		PG_VALUES(pg_int(account_id), pg_bytes(hash.p, hash.n), pg_text(in->name),
			pg_inet(in->ip), pg_int(in->minutes), pg_int(API_KEYS_MAX)));
}

enum err api_key_list(struct service *s, const char *username, const char *domain,
	struct api_key **ret, size_t *ret_count)
{
	const struct key_owner owner = { username, domain };
	void *rows;
	enum err e = pg_many(
		s->pg, &api_keys_stmts[KEY_LIST], s->arena, &rows, ret_count, PG_IN(&owner));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err api_key_delete(struct service *s, int64_t id)
{
	struct pg_id gone;

	return pg_one(s->pg, &api_keys_stmts[KEY_DELETE], NULL, &gone, PG_VALUES(pg_int(id)));
}

enum err key_store_count_uses(
	struct service *s, const char *const *hashes, const int64_t *counts, size_t n)
{
	return pg_run(s->pg, &api_keys_stmts[KEY_COUNT_USES], NULL,
		PG_VALUES(pg_texts(hashes, n), pg_ints(counts, n)));
}

static const struct field id_in_path[] = {
	FIELD_INT(subject_key, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the key"),
	FIELDS_END,
};

const struct subject service_key_subject = {
	.name = "service key", .path = id_in_path, .find = &api_keys_stmts[KEY_SUBJECT]
};
const struct subject service_keys_of_space = {
	.name = "service_keys", .find = &api_keys_stmts[KEY_LIST_SERVICE], .of_caller = true
};
