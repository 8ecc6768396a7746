#include "presence_priv.h"

#include "pg/pg.h"

enum { PRESENCE_SET_NOW, PRESENCE_SET_ON_BUSY, PRESENCE_SET_ON_UNAVAILABLE, PRESENCE_STMTS };

const struct stmt presence_stmts[PRESENCE_STMTS + 1] = {
	[PRESENCE_SET_NOW] = {
		.name = "presence_set_now",
		.params = { PG_INT, PG_TEXT, PG_TEXT },
		.rows = PG_NONE,
		.sql = "INSERT INTO cti_users (account_id, presence, presence_to) VALUES ($1, $2, $3)"
		       " ON CONFLICT (account_id) DO UPDATE SET presence = excluded.presence,"
		       " presence_to = excluded.presence_to, updated_at = now()",
	},
	[PRESENCE_SET_ON_BUSY] = {
		.name = "presence_set_on_busy",
		.params = { PG_INT, PG_TEXT, PG_TEXT },
		.rows = PG_NONE,
		.sql = "INSERT INTO cti_users (account_id, on_busy, on_busy_to) VALUES ($1, $2, $3)"
		       " ON CONFLICT (account_id) DO UPDATE SET on_busy = excluded.on_busy,"
		       " on_busy_to = excluded.on_busy_to, updated_at = now()",
	},
	[PRESENCE_SET_ON_UNAVAILABLE] = {
		.name = "presence_set_on_unavailable",
		.params = { PG_INT, PG_TEXT, PG_TEXT },
		.rows = PG_NONE,
		.sql = "INSERT INTO cti_users (account_id, on_unavailable, on_unavailable_to)"
		       " VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE"
		       " SET on_unavailable = excluded.on_unavailable,"
		       " on_unavailable_to = excluded.on_unavailable_to, updated_at = now()",
	},
};

enum err presence_store_set(struct service *s, int64_t account_id, enum presence_kind kind,
	const char *status, const char *to)
{
	static const int statements[PRESENCE_KINDS] = { PRESENCE_SET_NOW, PRESENCE_SET_ON_BUSY,
		PRESENCE_SET_ON_UNAVAILABLE };

	return pg_run(s->pg, &presence_stmts[statements[kind]], NULL,
		PG_VALUES(pg_int(account_id), pg_text(status), pg_text(to)));
}
