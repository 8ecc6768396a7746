
#include "pg/pg.h"
#include "resources/spaces/space.h"

enum { SPACE_LIST, SPACE_PUT, SPACE_LOCK, SPACE_SET_TWO_FACTOR, SPACE_STMTS };

const struct stmt spaces_stmts[SPACE_STMTS + 1] = {
	[SPACE_LIST] = {
		.name = "space_list",
		.row = space_fields,
		.row_size = sizeof(struct space),
		.rows = PG_MANY,
		.sql = "SELECT id, domain, host, name, super,"
		       " (NOT super AND expire_at <= (now() AT TIME ZONE 'UTC')::date) IS TRUE AS expired,"
		       " max_accounts, coalesce(realm, domain) AS realm,"
		       " default_password_algorithm AS default_algorithm,"
		       " 'MD5' = ANY (allowed_algorithms) AS allows_md5,"
		       " 'SHA-256' = ANY (allowed_algorithms) AS allows_sha256,"
		       " coalesce(username_min_length, 0) AS username_min_length"
		       " FROM spaces ORDER BY id",
	},
	[SPACE_PUT] = {
		.name = "space_put",
		.params = { PG_TEXT, PG_TEXT, PG_TEXT, PG_BOOL },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_ONE,
		.sql = "INSERT INTO spaces (domain, host, name, super) VALUES ($1, $2, $3, $4)"
		       " ON CONFLICT (domain) DO UPDATE SET host = excluded.host,"
		       " name = excluded.name, super = excluded.super, updated_at = now()"
		       " RETURNING id",
	},
	[SPACE_LOCK] = {
		.name = "space_lock",
		.params = { PG_TEXT },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "SELECT id FROM spaces WHERE domain = $1 FOR NO KEY UPDATE",
	},
	[SPACE_SET_TWO_FACTOR] = {
		.name = "space_set_two_factor",
		.params = { PG_TEXT, PG_TEXT, PG_INT },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "UPDATE spaces SET two_factor_policy = $2, two_factor_grace_days = $3,"
		       " two_factor_policy_since = now(), updated_at = now()"
		       " WHERE domain = $1 RETURNING id",
	},
};

enum err space_list(struct service *s, struct arena *arena, struct space **ret, size_t *ret_count)
{
	void *rows;
	enum err e =
		pg_many(s->pg, &spaces_stmts[SPACE_LIST], arena, &rows, ret_count, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err space_put(struct service *s, const char *domain, const char *host, const char *name,
	bool super, int64_t *ret_id)
{
	struct pg_id made;
	enum err e = pg_one(s->pg, &spaces_stmts[SPACE_PUT], NULL, &made,
		PG_VALUES(pg_text(domain), pg_text(host), pg_text(name), pg_bool(super)));

	if (e == ERR_OK)
		*ret_id = made.id;
	return e;
}

enum err space_lock(struct service *s, const char *domain)
{
	struct pg_id locked;

	return pg_one(s->pg, &spaces_stmts[SPACE_LOCK], NULL, &locked, PG_VALUES(pg_text(domain)));
}

enum err space_set_two_factor(
	struct service *s, const char *domain, const char *policy, int64_t grace_days)
{
	struct pg_id changed;

	return pg_one(s->pg, &spaces_stmts[SPACE_SET_TWO_FACTOR], NULL, &changed,
		PG_VALUES(pg_text(domain), pg_text(policy), pg_int(grace_days)));
}
