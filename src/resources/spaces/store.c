#include "spaces_priv.h"

#include "pg/pg.h"
#include "resources/spaces/space.h"
#include "service/subject_call.h"

enum { SPACE_LIST, SPACE_VERSION, SPACE_PUT, SPACE_LOCK, SPACE_SET_TWO_FACTOR, SPACE_STMTS };

static const struct field put_fields[] = {
	FIELD_TEXT(space, domain, .flags = FIELD_KEY),
	FIELD_TEXT(space, host),
	FIELD_TEXT(space, name),
	FIELD_BOOL(space, super),
	FIELDS_END,
};

struct space_policy {
	const char *domain, *policy;
	int64_t grace_days;
};
static const struct field policy_fields[] = {
	FIELD_TEXT(space_policy, domain, .flags = FIELD_KEY),
	FIELD_TEXT(space_policy, policy, .column = "two_factor_policy"),
	FIELD_INT(space_policy, grace_days, .column = "two_factor_grace_days"),
	FIELDS_END,
};

struct version_row {
	int64_t version;
};
static const struct field version_fields[] = { FIELD_INT(version_row, version), FIELDS_END };

const struct stmt spaces_stmts[SPACE_STMTS + 1] = {
	[SPACE_LIST] = {
		.name = "space_list",
		.row = space_fields,
		.row_size = sizeof(struct space),
		.rows = PG_MANY,
		.sql = "SELECT {row s} FROM spaces s"
		       " LEFT JOIN space_oidc_configurations o ON o.space_id = s.id"
		       " WHERE s.ends IS NULL ORDER BY s.id",
	},
	[SPACE_VERSION] = {
		.name = "space_version",
		.row = version_fields,
		.row_size = sizeof(struct version_row),
		.rows = PG_ONE,
		.sql = "SELECT version FROM spaces_version",
	},
	[SPACE_PUT] = {
		.name = "space_put",
		.in = put_fields,
		.in_size = sizeof(struct space),
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO spaces ({in}) VALUES ({values})"
		       " ON CONFLICT (domain) DO UPDATE SET {set}, updated_at = now() WHERE spaces.ends IS NULL"
		       " RETURNING id",
	},
	[SPACE_LOCK] = {
		.name = "space_lock",
		.params = { PG_TEXT },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "SELECT id FROM spaces WHERE domain = $1 AND ends IS NULL"
		       " FOR NO KEY UPDATE",
	},
	[SPACE_SET_TWO_FACTOR] = {
		.name = "space_set_two_factor",
		.in = policy_fields,
		.in_size = sizeof(struct space_policy),
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "UPDATE spaces SET {set}, two_factor_policy_since = now(), updated_at = now()"
		       " WHERE domain = $domain AND ends IS NULL RETURNING id",
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

enum err space_store_version(struct service *s, struct subject_lookup *also, int64_t *ret)
{
	struct version_row row;
	struct pg_call call = { .stmt = &spaces_stmts[SPACE_VERSION], .ret_row = &row };
	enum err e = subject_call_with(s, &call, also, SUBJECT_CALLER_IS_UNKNOWN);

	if (e == ERR_OK)
		*ret = row.version;
	return e;
}

enum err space_put(struct service *s, const char *domain, const char *host, const char *name,
	bool super, int64_t *ret_id)
{
	const struct space space = { .domain = domain, .host = host, .name = name, .super = super };
	struct pg_id made;
	enum err e = pg_one(s->pg, &spaces_stmts[SPACE_PUT], NULL, &made, PG_IN(&space));

	if (e == ERR_OK)
		*ret_id = made.id;
	return e == ERR_NOT_FOUND ? ERR_CONFLICT : e;
}

enum err space_lock(struct service *s, const char *domain)
{
	struct pg_id locked;

	return pg_one(s->pg, &spaces_stmts[SPACE_LOCK], NULL, &locked, PG_VALUES(pg_text(domain)));
}

enum err space_set_two_factor(
	struct service *s, const char *domain, const char *policy, int64_t grace_days)
{
	const struct space_policy in = { domain, policy, grace_days };
	struct pg_id changed;

	return pg_one(s->pg, &spaces_stmts[SPACE_SET_TWO_FACTOR], NULL, &changed, PG_IN(&in));
}
