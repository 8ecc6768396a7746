#include "events/outbox.h"

#include "pg/pg.h"

#define DRAIN_LOCK "7235419170889131622" /* any number, always this one */

enum { OUTBOX_TELL_USER, OUTBOX_LOCK, OUTBOX_LIST, OUTBOX_SPREAD, OUTBOX_DELETE, OUTBOX_STMTS };

struct outbox_lock {
	bool mine;
};
static const struct field lock_fields[] = { FIELD_BOOL(outbox_lock, mine), FIELDS_END };

static const struct field event_fields[] = {
	FIELD_INT(outbox_event, id),
	FIELD_TEXT(outbox_event, channel),
	FIELD_TEXT(outbox_event, event),
	FIELD_JSON(outbox_event, payload),
	FIELD_TEXT(outbox_event, skip_user),
	FIELD_TEXT(outbox_event, sessions),
	FIELD_INT(outbox_event, account_id),
	FIELD_BOOL(outbox_event, is_group),
	FIELD_TIME(outbox_event, created_at),
	FIELDS_END,
};

const struct stmt events_stmts[OUTBOX_STMTS + 1] = {
	[OUTBOX_TELL_USER] = {
		.name = "outbox_tell_user",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "INSERT INTO outbox (channel, event, account_id)"
		       " SELECT '{' || domain || '}:u:' || channel_encode(username), 'perm', id"
		       " FROM accounts WHERE id = $1",
	},
	[OUTBOX_LOCK] = {
		.name = "outbox_lock",
		.row = lock_fields,
		.row_size = sizeof(struct outbox_lock),
		.rows = PG_ONE,
		.sql = "SELECT pg_try_advisory_xact_lock(" DRAIN_LOCK ") AS mine",
	},
	[OUTBOX_LIST] = {
		.name = "outbox_list",
		.params = { PG_INT },
		.row = event_fields,
		.row_size = sizeof(struct outbox_event),
		.rows = PG_MANY,
		.sql = "SELECT id, channel, event, payload, skip_user,"
		       " array_to_string(sessions, ' ') AS sessions,"
		       " coalesce(account_id, 0) AS account_id, profile_id IS NOT NULL AS is_group,"
		       " created_at FROM outbox"
		       " ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
	},
	[OUTBOX_SPREAD] = {
		.name = "outbox_spread",
		.params = { PG_INTS, PG_INT },
		.rows = PG_NONE,
		.sql = "WITH slice AS (SELECT o.id AS origin, o.channel, o.profile_id, u.id, u.username"
		       "  FROM outbox o CROSS JOIN LATERAL ("
		       "   (SELECT c.account_id AS id,"
		       "      (SELECT a.username FROM accounts a WHERE a.id = c.account_id) AS username"
		       "     FROM cti_users c WHERE o.profile_id > 0 AND c.profile_id = o.profile_id"
		       "     AND c.account_id > o.account_id ORDER BY c.account_id LIMIT $2)"
		       "   UNION ALL"
		       "   (SELECT a.id, a.username FROM accounts a WHERE o.profile_id = 0"
		       "     AND a.domain = trim(BOTH '{}' FROM o.channel) AND a.id > o.account_id"
		       "     AND (SELECT c.profile_id FROM cti_users c WHERE c.account_id = a.id) IS NULL"
		       "     ORDER BY a.id LIMIT $2)) u"
		       "  WHERE o.id = ANY ($1))"
		       " INSERT INTO outbox (channel, event, account_id, profile_id)"
		       " SELECT channel || ':u:' || channel_encode(username), 'perm', id, NULL FROM slice"
		       " UNION ALL SELECT channel, 'perm', max(id), profile_id FROM slice"
		       "  GROUP BY origin, channel, profile_id HAVING count(*) = $2",
	},
	[OUTBOX_DELETE] = {
		.name = "outbox_delete",
		.params = { PG_INTS },
		.rows = PG_NONE,
		.sql = "DELETE FROM outbox WHERE id = ANY ($1)",
	},
};

enum err outbox_store_tell_user(struct service *s, int64_t account_id)
{
	return pg_run(s->pg, &events_stmts[OUTBOX_TELL_USER], NULL, PG_VALUES(pg_int(account_id)));
}

enum err outbox_store_lock(struct service *s, bool *ret_mine)
{
	struct outbox_lock lock;
	enum err e = pg_one(s->pg, &events_stmts[OUTBOX_LOCK], NULL, &lock, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret_mine = lock.mine;
	return e;
}

enum err outbox_store_list(
	struct service *s, int64_t limit, struct outbox_event **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, &events_stmts[OUTBOX_LIST], s->arena, &rows, ret_count,
		PG_VALUES(pg_int(limit)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err outbox_store_spread(struct service *s, const int64_t *ids, size_t n, int64_t limit)
{
	return pg_run(s->pg, &events_stmts[OUTBOX_SPREAD], NULL,
		PG_VALUES(pg_ints(ids, n), pg_int(limit)));
}

enum err outbox_store_delete(struct service *s, const int64_t *ids, size_t n)
{
	return pg_run(s->pg, &events_stmts[OUTBOX_DELETE], NULL, PG_VALUES(pg_ints(ids, n)));
}
