#include "events/outbox.h"

#include "pg/pg.h"

#define DRAIN_LOCK "7235419170889131622" /* any number, always this one */

enum { OUTBOX_ADD, OUTBOX_LOCK, OUTBOX_LIST, OUTBOX_SPREAD, OUTBOX_DELETE, OUTBOX_STMTS };

struct drain_lock {
	bool mine;
};
static const struct field lock_fields[] = { FIELD_BOOL(drain_lock, mine), FIELDS_END };

static const struct field event_fields[] = {
	FIELD_INT(event, id),
	FIELD_TEXT(event, kind),
	FIELD_TEXT(event, domain),
	FIELD_TEXT(event, username),
	FIELD_INT(event, account_id),
	FIELD_INT(event, profile_id),
	FIELD_TEXT(event, sessions),
	FIELD_JSON(event, facts),
	FIELD_TEXT(event, request_id),
	FIELD_TIME(event, created_at),
	FIELDS_END,
};

const struct stmt events_stmts[OUTBOX_STMTS + 1] = {
	[OUTBOX_ADD] = {
		.name = "outbox_add",
		.params = { PG_TEXT, PG_INT, PG_JSON },
		.rows = PG_NONE,
		.sql = "INSERT INTO outbox (kind, domain, account_id, username, facts)"
		       " SELECT $1, domain, id, username, $3 FROM accounts WHERE id = $2",
	},
	[OUTBOX_LOCK] = {
		.name = "outbox_lock",
		.row = lock_fields,
		.row_size = sizeof(struct drain_lock),
		.rows = PG_ONE,
		.sql = "SELECT pg_try_advisory_xact_lock(" DRAIN_LOCK ") AS mine",
	},
	[OUTBOX_LIST] = {
		.name = "outbox_list",
		.params = { PG_INT },
		.row = event_fields,
		.row_size = sizeof(struct event),
		.rows = PG_MANY,
		.sql = "SELECT id, kind, domain, username, account_id, profile_id,"
		       " array_to_string(sessions, ' ') AS sessions, facts, request_id, created_at"
		       " FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
	},
	[OUTBOX_SPREAD] = {
		.name = "outbox_spread",
		.params = { PG_INTS, PG_INT },
		.rows = PG_NONE,
		.sql = "WITH slice AS (SELECT o.id AS origin, o.domain, o.profile_id, o.request_id, u.id, u.username"
		       "  FROM outbox o CROSS JOIN LATERAL ("
		       "   (SELECT c.account_id AS id,"
		       "      (SELECT a.username FROM accounts a WHERE a.id = c.account_id) AS username"
		       "     FROM cti_users c WHERE o.profile_id > 0 AND c.profile_id = o.profile_id"
		       "     AND c.account_id > o.account_id ORDER BY c.account_id LIMIT $2)"
		       "   UNION ALL"
		       "   (SELECT a.id, CASE WHEN (SELECT c.profile_id FROM cti_users c"
		       "       WHERE c.account_id = a.id) IS NULL THEN a.username END"
		       "     FROM accounts a WHERE o.profile_id = 0"
		       "     AND a.domain = o.domain AND a.id > o.account_id"
		       "     ORDER BY a.id LIMIT $2)) u"
		       "  WHERE o.id = ANY ($1))"
		       " INSERT INTO outbox (kind, domain, account_id, username, profile_id, request_id)"
		       " SELECT 'permissions.changed', domain, id, username, NULL, request_id FROM slice"
		       "  WHERE username IS NOT NULL"
		       " UNION ALL SELECT 'permissions.changed_for_profile', domain, max(id), NULL, profile_id,"
		       "  request_id"
		       "  FROM slice GROUP BY origin, domain, profile_id, request_id HAVING count(*) = $2",
	},
	[OUTBOX_DELETE] = {
		.name = "outbox_delete",
		.params = { PG_INTS },
		.rows = PG_NONE,
		.sql = "DELETE FROM outbox WHERE id = ANY ($1)",
	},
};

enum err event_add(struct service *s, enum event_id kind, int64_t account_id, const void *facts)
{
	const struct event_kind *k = &event_kinds[kind];
	const char *json = event_facts_json(k, facts, s->arena);

	if (facts && !json)
		return ERR_LIMIT;
	return pg_run(s->pg, &events_stmts[OUTBOX_ADD], NULL,
		PG_VALUES(pg_text(k->name), pg_int(account_id), pg_json(json)));
}

enum err outbox_lock(struct service *s, bool *ret_mine)
{
	struct drain_lock lock;
	enum err e = pg_one(s->pg, &events_stmts[OUTBOX_LOCK], NULL, &lock, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret_mine = lock.mine;
	return e;
}

enum err outbox_list(struct service *s, int64_t limit, struct event **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, &events_stmts[OUTBOX_LIST], s->arena, &rows, ret_count,
		PG_VALUES(pg_int(limit)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err outbox_spread(struct service *s, const int64_t *ids, size_t n, int64_t limit)
{
	return pg_run(s->pg, &events_stmts[OUTBOX_SPREAD], NULL,
		PG_VALUES(pg_ints(ids, n), pg_int(limit)));
}

enum err outbox_delete(struct service *s, const int64_t *ids, size_t n)
{
	return pg_run(s->pg, &events_stmts[OUTBOX_DELETE], NULL, PG_VALUES(pg_ints(ids, n)));
}
