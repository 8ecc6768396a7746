#include "figures_priv.h"

#include "pg/pg.h"

enum { FIGURES_OUTBOX, FIGURES_INSTALLATION, FIGURES_STMTS };

struct outbox_row {
	int64_t waiting, oldest_us;
};

static const struct field outbox_fields[] = {
	FIELD_INT(outbox_row, waiting),
	FIELD_INT(outbox_row, oldest_us),
	FIELDS_END,
};

struct installation_row {
	int64_t spaces, accounts, two_factor, sessions, sessions_two_factor;
};

static const struct field installation_fields[] = {
	FIELD_INT(installation_row, spaces),
	FIELD_INT(installation_row, accounts),
	FIELD_INT(installation_row, two_factor),
	FIELD_INT(installation_row, sessions),
	FIELD_INT(installation_row, sessions_two_factor),
	FIELDS_END,
};

static const struct stmt figures_stmts[FIGURES_STMTS + 1] = {
	[FIGURES_OUTBOX] = {
		.name = "figures_outbox",
		.params = { PG_INT },
		.row = outbox_fields,
		.row_size = sizeof(struct outbox_row),
		.rows = PG_ONE,
		.sql = "SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT $1) o) AS waiting,"
		       " coalesce((SELECT greatest(0, extract(epoch FROM now() - created_at) * 1000000)"
		       "   FROM outbox ORDER BY id LIMIT 1), 0)::bigint AS oldest_us",
	},
	[FIGURES_INSTALLATION] = {
		.name = "figures_installation",
		.row = installation_fields,
		.row_size = sizeof(struct installation_row),
		.rows = PG_ONE,
		.sql = "SELECT (SELECT count(*) FROM spaces) AS spaces,"
		       " (SELECT coalesce(sum(n), 0)::bigint FROM accounts_counts WHERE kind = 1)"
		       "   AS accounts,"
		       " (SELECT count(*) FROM two_factor WHERE enabled_at IS NOT NULL) AS two_factor,"
		       " live.sessions, live.sessions_two_factor"
		       " FROM (SELECT count(*) AS sessions, count(*) FILTER (WHERE otp_verified)"
		       "   AS sessions_two_factor FROM sessions"
		       "   WHERE revoked_at IS NULL AND expires_at > now()) live",
	},
};

void figures_register(struct pg *pg)
{
	pg_register(pg, figures_stmts);
}

enum err figures_store_outbox(struct service *s, int64_t most, struct outbox_standing *ret)
{
	struct outbox_row row;
	enum err e =
		pg_one(s->pg, &figures_stmts[FIGURES_OUTBOX], NULL, &row, PG_VALUES(pg_int(most)));

	if (e == ERR_OK)
		*ret = (struct outbox_standing){ (uint64_t)row.waiting, (uint64_t)row.oldest_us };
	return e;
}

enum err figures_store_installation(struct service *s, struct installation *ret)
{
	struct installation_row r;
	enum err e = pg_one(s->pg, &figures_stmts[FIGURES_INSTALLATION], NULL, &r, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret = (struct installation){ (uint64_t)r.spaces, (uint64_t)r.accounts,
			(uint64_t)r.two_factor, (uint64_t)r.sessions,
			(uint64_t)r.sessions_two_factor };
	return e;
}
