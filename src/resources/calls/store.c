#include "calls_priv.h"

#include "pg/pg.h"
#include "resources/calls/history.h"

/* For each order a statement of its own: the newest are found in the order of an index. */
enum {
	CALLS_OF_ACCOUNT,
	CALLS_OF_ACCOUNT_OLDEST,
	CALLS_OF_ACCOUNT_COUNT,
	CALLS_OF_SPACE,
	CALLS_OF_SPACE_OLDEST,
	CALLS_OF_SPACE_COUNT,
	CALLS_STMTS
};

static const struct field query_fields[] = {
	FIELD_TEXT(call_query, domain),
	FIELD_INT(call_query, account_id, .flags = FIELD_ZERO_NULL),
	FIELD_TEXT(call_query, username),
	FIELD_TEXT(call_query, number),
	FIELD_TEXT(call_query, exten),
	FIELD_TEXT(call_query, from),
	FIELD_TEXT(call_query, to),
	FIELD_TEXT(call_query, zone),
	FIELD_TEXT(call_query, filter),
	FIELD_TEXT(call_query, direction),
	FIELD_BOOL(call_query, remove_lost),
	FIELD_INT(call_query, hidden),
	FIELD_INT(call_query, limit),
	FIELD_INT(call_query, offset),
	FIELDS_END,
};
static const struct field row_fields[] = {
	FIELD_INT(call_row, id),
	FIELD_TEXT(call_row, linked_id),
	FIELD_TEXT(call_row, from_number),
	FIELD_TEXT(call_row, from_name),
	FIELD_TEXT(call_row, from_exten),
	FIELD_TEXT(call_row, to_number),
	FIELD_TEXT(call_row, to_name),
	FIELD_TEXT(call_row, to_exten),
	FIELD_TIME(call_row, started_at),
	FIELD_TIME(call_row, answered_at),
	FIELD_TIME(call_row, ended_at),
	FIELD_TEXT(call_row, cause),
	FIELD_TEXT(call_row, direction),
	FIELD_TEXT(call_row, type),
	FIELDS_END,
};

#define MIDNIGHT(day) "timezone($zone, (" day ")::timestamp)"
#define IN_TIME                                                                                    \
	" c.started_at >= " MIDNIGHT("$from::date") " AND c.started_at < " MIDNIGHT("$to::date + " \
										    "1")
#define TYPE                                           \
	"CASE WHEN c.to_account_id IS NULL THEN 'out'" \
	" WHEN c.from_account_id IS NULL THEN 'in' ELSE 'internal' END AS type"
#define NEWEST " ORDER BY started_at DESC, id DESC LIMIT " PG_CONSTANT(HISTORY_SEARCHED_MAX)

/* The newest calls of one end of them; a call to oneself is one that one made. */
#define OF_ACCOUNT                                                                              \
	"coalesce($account_id, (SELECT id FROM accounts WHERE domain = $domain AND username = " \
	"$username))"
#define ONE_WAY(direction, condition)                                                       \
	"(SELECT c.*, '" direction "' AS direction, " TYPE " FROM calls c WHERE " condition \
	" AND" IN_TIME NEWEST ")"
#define FROM_ACCOUNT                                                                           \
	"(" ONE_WAY("out",                                                                     \
		"c.from_account_id = " OF_ACCOUNT                                              \
		" AND ($exten IS NULL OR c.from_exten = $exten)") " UNION ALL " ONE_WAY("in",  \
		"c.to_account_id = " OF_ACCOUNT " AND ($exten IS NULL OR c.to_exten = $exten)" \
		" AND c.from_account_id IS DISTINCT FROM " OF_ACCOUNT) ")"

/* The newest calls of the space. A number is one of its own where it stands for an account. */
#define IS_NUMBER(end) \
	"(c." end "_account_id IS NOT NULL AND $number IN (c." end "_number, c." end "_exten))"
#define FROM_SPACE                                                          \
	"(SELECT c.*, CASE WHEN $number IS NULL THEN NULL WHEN " IS_NUMBER( \
		"from") " THEN 'out' ELSE 'in' END AS direction, " TYPE     \
			" FROM calls c WHERE c.domain = $domain AND" IN_TIME NEWEST ")"
#define OF_NUMBER "($number IS NULL OR " IS_NUMBER("from") " OR " IS_NUMBER("to") ") AND "

#define SHOWN(number) "left(c." number ", greatest(length(c." number ") - $hidden, 0)::int)"
#define NAMES         "CASE WHEN $hidden = 0 THEN concat_ws(' ', c.from_name, c.to_name) END"
#define IS_LOST       "coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL"
#define IS_ASKED_FOR                                                                             \
	"CASE $direction WHEN 'lost' THEN " IS_LOST " WHEN 'internal' THEN c.type = 'internal'"  \
	" ELSE $direction IS NULL OR $direction = coalesce(c.direction, c.type) END"             \
	" AND NOT ($remove_lost AND " IS_LOST ")"                                                \
	" AND ($filter IS NULL OR strpos(lower(concat_ws(' ', " SHOWN("from_number") ", " SHOWN( \
		"to_number") ", " NAMES ")), lower($filter)) > 0)"

#define OF_QUERY     .in = query_fields, .in_size = sizeof(struct call_query)
#define CALL_ROW     .row = row_fields, .row_size = sizeof(struct call_row)
#define NEWEST_FIRST "c.started_at DESC, c.id DESC"
#define OLDEST_FIRST "c.started_at, c.id"

#define PAGE(called, calls, condition, order)                                                    \
	{                                                                                        \
		.name = called, OF_QUERY, CALL_ROW, .rows = PG_MANY,                             \
		.sql = "SELECT {row c} FROM (SELECT * FROM " calls " u" NEWEST                   \
		       ") c WHERE " condition " ORDER BY " order " LIMIT $limit OFFSET $offset", \
	}
#define COUNT(called, calls, condition)                                                          \
	{                                                                                        \
		.name = called, OF_QUERY, .row = pg_id_fields, .row_size = sizeof(struct pg_id), \
		.rows = PG_ONE,                                                                  \
		.sql = "SELECT count(*) AS id FROM (SELECT * FROM " calls " u" NEWEST            \
		       ") c WHERE " condition,                                                   \
	}

const struct stmt calls_stmts[CALLS_STMTS + 1] = {
	[CALLS_OF_ACCOUNT] = PAGE("calls_of_account", FROM_ACCOUNT, IS_ASKED_FOR, NEWEST_FIRST),
	[CALLS_OF_ACCOUNT_OLDEST] =
		PAGE("calls_of_account_oldest", FROM_ACCOUNT, IS_ASKED_FOR, OLDEST_FIRST),
	[CALLS_OF_ACCOUNT_COUNT] = COUNT("calls_of_account_count", FROM_ACCOUNT, IS_ASKED_FOR),
	[CALLS_OF_SPACE] = PAGE("calls_of_space", FROM_SPACE, OF_NUMBER IS_ASKED_FOR, NEWEST_FIRST),
	[CALLS_OF_SPACE_OLDEST] =
		PAGE("calls_of_space_oldest", FROM_SPACE, OF_NUMBER IS_ASKED_FOR, OLDEST_FIRST),
	[CALLS_OF_SPACE_COUNT] = COUNT("calls_of_space_count", FROM_SPACE, OF_NUMBER IS_ASKED_FOR),
};

enum err call_store_list(struct service *s, const struct call_query *q, enum call_order order,
	struct rows *ret, int64_t *ret_count)
{
	const int first = q->account_id || q->username ? CALLS_OF_ACCOUNT : CALLS_OF_SPACE;
	struct pg_id count;
	struct pg_call calls[] = {
		{ .stmt = &calls_stmts[first + (order == CALLS_OLDEST_FIRST)],
			PG_IN(q),
			.arena = s->arena,
			.ret_row = ret },
		{ .stmt = &calls_stmts[first + CALLS_OF_ACCOUNT_COUNT],
			PG_IN(q),
			.ret_row = &count },
	};
	enum err e = pg_together(s->pg, calls, sizeof(calls) / sizeof(calls[0]));

	if (e == ERR_OK)
		*ret_count = count.id;
	return e;
}
