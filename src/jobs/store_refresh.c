#include "jobs_priv.h"

#include "jobs/refresh.h"
#include "pg/pg.h"

struct refreshed {
	bool worked;
};
static const struct field refreshed_fields[] = { FIELD_BOOL(refreshed, worked), FIELDS_END };

static const struct stmt refresh_stmts[] = {
	{
		.name = "refresh_some",
		.row = refreshed_fields,
		.row_size = sizeof(struct refreshed),
		.rows = PG_ONE,
		.sql = "SELECT refresh_some() AS worked",
	},
	{ 0 },
};

void refresh_register(struct pg *pg)
{
	pg_register(pg, refresh_stmts);
}

enum err refresh_store_some(struct service *s, bool *ret_worked)
{
	struct refreshed row;
	enum err e = pg_one(s->pg, refresh_stmts, NULL, &row, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret_worked = row.worked;
	return e;
}
