#include "status.h"

#include "pg/pg.h"

enum { STATUS_READ, STATUS_WRITE, STATUS_UNWRITE, STATUS_STMTS };

static const struct field counts_fields[] = {
	FIELD_INT(status_counts, spaces),
	FIELD_INT(status_counts, accounts),
	FIELD_INT(status_counts, sessions),
	FIELD_INT(status_counts, outbox),
	FIELD_INT(status_counts, outbox_s),
	FIELD_INT(status_counts, jobs),
	FIELDS_END,
};

const struct stmt ctl_status_stmts[STATUS_STMTS + 1] = {
	[STATUS_READ] = {
		.name = "status_read",
		.row = counts_fields,
		.row_size = sizeof(struct status_counts),
		.rows = PG_ONE,
		.sql = "SELECT (SELECT count(*) FROM spaces) AS spaces,"
		       " (SELECT coalesce(sum(n), 0) FROM accounts_counts WHERE kind = 1) AS accounts,"
		       " (SELECT count(*) FROM sessions"
		       "   WHERE revoked_at IS NULL AND expires_at > now()) AS sessions,"
		       " (SELECT count(*) FROM outbox) AS outbox,"
		       " (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::bigint"
		       "   FROM outbox) AS outbox_s,"
		       " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
		       "   AND application_name = 'dialtone-jobs') AS jobs",
	},
	/* Of its own kind and over at once: whatever comes between, the clean-up takes it. */
	[STATUS_WRITE] = {
		.name = "status_write",
		.rows = PG_NONE,
		.sql = "INSERT INTO guesses (subject, failures, ends_at)"
		       " VALUES ('status:' || pg_backend_pid(), 0, now())"
		       " ON CONFLICT (subject) DO UPDATE SET ends_at = now()",
	},
	[STATUS_UNWRITE] = {
		.name = "status_unwrite",
		.rows = PG_NONE,
		.sql = "DELETE FROM guesses WHERE subject = 'status:' || pg_backend_pid()",
	},
};

enum err status_store_read(struct service *s, struct status_counts *ret)
{
	return pg_one(s->pg, &ctl_status_stmts[STATUS_READ], NULL, ret, PG_NO_VALUES);
}

static enum err write_and_remove(struct service *s)
{
	enum err e = pg_run(s->pg, &ctl_status_stmts[STATUS_WRITE], NULL, PG_NO_VALUES);

	return e == ERR_OK ? pg_run(s->pg, &ctl_status_stmts[STATUS_UNWRITE], NULL, PG_NO_VALUES)
			   : e;
}

enum err status_store_write(struct service *s)
{
	enum err e = pg_begin(s->pg);

	if (e == ERR_OK)
		e = write_and_remove(s);
	if (e == ERR_OK)
		return pg_commit(s->pg);
	pg_rollback(s->pg);
	return e;
}
