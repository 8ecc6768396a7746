#include "status.h"

#include "pg/pg.h"

enum { STATUS_READ, STATUS_STMTS };

static const struct field counts_fields[] = {
	FIELD_INT(status_counts, spaces),
	FIELD_INT(status_counts, accounts),
	FIELD_INT(status_counts, sessions),
	FIELD_INT(status_counts, outbox),
	FIELDS_END,
};

const struct stmt ctl_status_stmts[STATUS_STMTS + 1] = {
	[STATUS_READ] = {
		.name = "status_read",
		.row = counts_fields,
		.row_size = sizeof(struct status_counts),
		.rows = PG_ONE,
		.sql = "SELECT (SELECT count(*) FROM spaces) AS spaces,"
		       " (SELECT count(*) FROM accounts) AS accounts,"
		       " (SELECT count(*) FROM sessions"
		       "   WHERE revoked_at IS NULL AND expires_at > now()) AS sessions,"
		       " (SELECT count(*) FROM outbox) AS outbox",
	},
};

enum err status_store_read(struct service *s, struct status_counts *ret)
{
	return pg_one(s->pg, &ctl_status_stmts[STATUS_READ], NULL, ret, PG_NO_VALUES);
}
