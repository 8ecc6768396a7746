#include "pg/pg.h"
#include "store_priv.h"

#define LEASE_LOCK "7235419170889131624" /* any number, always this one */

enum { PBX_LEASE, PBX_LEASE_STMTS };

struct lease_row {
	bool mine;
};
static const struct field lease_fields[] = { FIELD_BOOL(lease_row, mine), FIELDS_END };

/* A lock that is taken twice is to be given back twice: one that is held already is not taken again. */
const struct stmt pbx_lease_stmts[PBX_LEASE_STMTS + 1] = {
	[PBX_LEASE] = {
		.name = "pbx_lease",
		.row = lease_fields,
		.row_size = sizeof(struct lease_row),
		.rows = PG_ONE,
		.sql = "SELECT CASE WHEN EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory'"
		       " AND pid = pg_backend_pid() AND granted) THEN true"
		       " ELSE pg_try_advisory_lock(" LEASE_LOCK ") END AS mine",
	},
};

enum err pbx_store_lease(struct pg *pg, bool *ret_mine)
{
	struct lease_row row;
	enum err e = pg_one(pg, &pbx_lease_stmts[PBX_LEASE], NULL, &row, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret_mine = row.mine;
	return e;
}

void pbx_store_register_lease(struct pg *pg)
{
	pg_register(pg, pbx_lease_stmts);
}
