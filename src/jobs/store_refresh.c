#include "jobs_priv.h"

#include "jobs/refresh.h"
#include "pg/pg.h"

struct refreshed {
	bool worked;
};
static const struct field refreshed_fields[] = { FIELD_BOOL(refreshed, worked), FIELDS_END };

#define SOME(stmt_name)                                                                           \
	{                                                                                         \
		.name = stmt_name, .row = refreshed_fields, .row_size = sizeof(struct refreshed), \
		.rows = PG_ONE, .sql = "SELECT " stmt_name "() AS worked",                        \
	}

static const struct stmt refresh_stmts[REFRESH_KINDS + 1] = {
	[REFRESH_COPIES] = SOME("refresh_some"),
	[REFRESH_LEFTOVERS] = SOME("leftovers_take_some"),
};

void refresh_register(struct pg *pg)
{
	pg_register(pg, refresh_stmts);
}

enum err refresh_store_some(struct service *s, enum refresh_of of, bool *ret_worked)
{
	struct refreshed row;
	enum err e = pg_one(s->pg, &refresh_stmts[of], NULL, &row, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret_worked = row.worked;
	return e;
}
