#include "store/outbox_store.h"

#include "store_priv.h"

#define DRAIN_LOCK "7235419170889131622" /* any number, always this one */

enum { OUTBOX_LOCK, OUTBOX_LIST, OUTBOX_DELETE, OUTBOX_STMTS };

struct outbox_lock {
	bool mine;
};
static const struct field lock_fields[] = { FIELD_BOOL(outbox_lock, mine), FIELDS_END };

static const struct field event_fields[] = {
	FIELD_INT(outbox_event, id),
	FIELD_TEXT(outbox_event, channel),
	FIELD_TEXT(outbox_event, event),
	FIELD_JSON(outbox_event, payload),
	FIELD_TEXT(outbox_event, sessions),
	FIELD_TIME(outbox_event, created_at),
	FIELDS_END,
};

const struct stmt outbox_stmts[OUTBOX_STMTS + 1] = {
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
		.sql = "SELECT id, channel, event, payload, array_to_string(sessions, ' ') AS sessions,"
		       " created_at FROM outbox"
		       " ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
	},
	[OUTBOX_DELETE] = {
		.name = "outbox_delete",
		.params = { PG_INTS },
		.rows = PG_NONE,
		.sql = "DELETE FROM outbox WHERE id = ANY ($1)",
	},
};

enum err outbox_store_lock(struct store *st, bool *ret_mine)
{
	struct outbox_lock lock;
	enum err e = pg_one(st->pg, &outbox_stmts[OUTBOX_LOCK], NULL, &lock, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret_mine = lock.mine;
	return e;
}

enum err outbox_store_list(struct store *st, struct arena *arena, int64_t limit,
	struct outbox_event **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(st->pg, &outbox_stmts[OUTBOX_LIST], arena, &rows, ret_count,
		PG_VALUES(pg_int(limit)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err outbox_store_delete(struct store *st, const int64_t *ids, size_t n)
{
	return pg_run(st->pg, &outbox_stmts[OUTBOX_DELETE], NULL, PG_VALUES(pg_ints(ids, n)));
}
