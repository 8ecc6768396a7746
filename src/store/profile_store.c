#include "store/profile_store.h"

#include "pg/pg.h"

enum { PROFILE_LIST, PROFILE_GET, PROFILE_INSERT, PROFILE_UPDATE, PROFILE_DELETE, PROFILE_STMTS };

#define COLUMNS " id, name, is_default, macro_permissions, outbound_routes_permissions"

const struct stmt profile_stmts[PROFILE_STMTS + 1] = {
	[PROFILE_LIST] = {
		.name = "profile_list",
		.params = { PG_TEXT },
		.row = profile_fields,
		.row_size = sizeof(struct profile),
		.rows = PG_MANY,
		.sql = "SELECT" COLUMNS " FROM profiles WHERE domain = $1 ORDER BY id",
	},
	[PROFILE_GET] = {
		.name = "profile_get",
		.params = { PG_INT, PG_TEXT },
		.row = profile_fields,
		.row_size = sizeof(struct profile),
		.rows = PG_MAY_ONE,
		.sql = "SELECT" COLUMNS " FROM profiles WHERE id = $1 AND domain = $2",
	},
	[PROFILE_INSERT] = {
		.name = "profile_insert",
		.params = { PG_TEXT, PG_TEXT, PG_BOOL, PG_JSON, PG_JSON },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_ONE,
		.sql = "INSERT INTO profiles (domain, name, is_default, macro_permissions,"
		       " outbound_routes_permissions) VALUES ($1, $2, $3, cti_macros_keyed($4), $5)"
		       " RETURNING id",
	},
	[PROFILE_UPDATE] = {
		.name = "profile_update",
		.params = { PG_INT, PG_TEXT, PG_TEXT, PG_BOOL, PG_JSON, PG_JSON },
		.rows = PG_NONE,
		.sql = "UPDATE profiles SET name = $3, is_default = $4, macro_permissions = cti_macros_keyed($5),"
		       " outbound_routes_permissions = $6, updated_at = now()"
		       " WHERE id = $1 AND domain = $2",
	},
	[PROFILE_DELETE] = {
		.name = "profile_delete",
		.params = { PG_INT, PG_TEXT },
		.rows = PG_NONE,
		.sql = "DELETE FROM profiles WHERE id = $1 AND domain = $2",
	},
};

enum err profile_store_list(
	struct service *s, const char *domain, struct profile **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, &profile_stmts[PROFILE_LIST], s->arena, &rows, ret_count,
		PG_VALUES(pg_text(domain)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err profile_store_get(struct service *s, const char *domain, int64_t id, struct profile *ret)
{
	return pg_one(s->pg, &profile_stmts[PROFILE_GET], s->arena, ret,
		PG_VALUES(pg_int(id), pg_text(domain)));
}

enum err profile_store_insert(
	struct service *s, const char *domain, const struct profile *p, int64_t *ret_id)
{
	struct pg_id made;
	enum err e = pg_one(s->pg, &profile_stmts[PROFILE_INSERT], NULL, &made,
		PG_VALUES(pg_text(domain), pg_text(p->name), pg_bool(p->is_default),
			pg_json(p->macro_permissions), pg_json(p->outbound_routes_permissions)));

	if (e == ERR_OK)
		*ret_id = made.id;
	return e;
}

enum err profile_store_update(struct service *s, const char *domain, const struct profile *p)
{
	return pg_change(s->pg, &profile_stmts[PROFILE_UPDATE], ERR_NOT_FOUND,
		PG_VALUES(pg_int(p->id), pg_text(domain), pg_text(p->name), pg_bool(p->is_default),
			pg_json(p->macro_permissions), pg_json(p->outbound_routes_permissions)));
}

enum err profile_store_delete(struct service *s, const char *domain, int64_t id)
{
	return pg_change(s->pg, &profile_stmts[PROFILE_DELETE], ERR_NOT_FOUND,
		PG_VALUES(pg_int(id), pg_text(domain)));
}
