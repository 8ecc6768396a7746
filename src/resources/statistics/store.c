#include "statistics_priv.h"

#include "pg/pg.h"
#include "resources/statistics/statistics.h"
#include "service/subject_call.h"

enum {
	MESSAGE_INSERT,
	MESSAGE_SUBJECT,
	MESSAGE_DEVICE_PUT,
	CALL_INSERT,
	CALL_SUBJECT,
	CALL_END,
	CALL_DEVICE_PUT,
	CALL_DEVICE_LIST,
	REGISTRATIONS_OF_DAY,
	REGISTRATIONS_OF_WEEK,
	REGISTRATIONS_OF_MONTH,
	STATISTICS_STMTS
};

/* Of a record that has as many as it may, only those it has. */
#define WHILE_THERE_IS_ROOM(table, of, device)                                                   \
	" WHERE (SELECT count(*) FROM " table " WHERE " of                                       \
	") < " PG_CONSTANT(STATISTICS_DEVICES_MAX) " OR EXISTS (SELECT FROM " table " WHERE " of \
						   " AND " device ")"

#define OF_MESSAGE         .in = message_fields, .in_size = sizeof(struct message)
#define MESSAGE_ROW        .row = message_fields, .row_size = sizeof(struct message)
#define OF_MESSAGE_DEVICE  .in = message_device_fields, .in_size = sizeof(struct message_device)
#define MESSAGE_DEVICE_ROW .row = message_device_fields, .row_size = sizeof(struct message_device)
#define OF_CALL            .in = call_fields, .in_size = sizeof(struct call)
#define CALL_ROW           .row = call_fields, .row_size = sizeof(struct call)
#define OF_CALL_DEVICE     .in = call_device_fields, .in_size = sizeof(struct call_device)
#define CALL_DEVICE_ROW    .row = call_device_fields, .row_size = sizeof(struct call_device)

/* Ids are unique in a space only. */
#define FIND_RECORD(table)                                                                     \
	"SELECT {row r} FROM " table " r WHERE r.id = $name AND (r.domain = $domain OR EXISTS" \
	" (SELECT FROM accounts a WHERE a.id = " SUBJECT_CALLER " AND a.admin"                 \
	"  AND EXISTS (SELECT FROM spaces p WHERE p.domain = a.domain AND p.super)))"          \
	" ORDER BY r.domain <> $domain, r.number LIMIT 1"

/* How many accounts were made in each unit of the span that ends now, in UTC. */
#define REGISTRATIONS_SINCE(unit, span) \
	"date_trunc(" unit ", timezone('UTC', now()) - interval " span ")"
#define REGISTRATIONS(of, unit, span)                                                             \
	{                                                                                         \
		.name = "registrations_of_" of, SUBJECT_KEY, .row = registrations_fields,         \
		.row_size = sizeof(struct registrations), .rows = PG_MANY,                        \
		.sql = "SELECT to_char(b.at, CASE " unit " WHEN 'hour' THEN 'YYYY-MM-DD HH24'"    \
		       "   ELSE 'YYYY-MM-DD' END) AS moment,"                                     \
		       " coalesce(n.made, 0) AS all, coalesce(n.phone, 0) AS phone,"              \
		       " coalesce(n.made, 0) - coalesce(n.phone, 0) AS email,"                    \
		       " coalesce(n.activated_phone, 0) AS activated_phone,"                      \
		       " coalesce(n.activated, 0) - coalesce(n.activated_phone, 0)"               \
		       "  AS activated_email FROM generate_series(" REGISTRATIONS_SINCE(unit,     \
			       span) ",   timezone('UTC', now()), ('1 ' || " unit                 \
				     ")::interval) AS b (at)"                                     \
				     " LEFT JOIN (SELECT date_trunc(" unit ", timezone('UTC',"    \
				     "    to_timestamp(c.bucket * 3600))) AS at,"                 \
				     "   sum(c.n) FILTER (WHERE k.kind = 2) AS made,"             \
				     "   sum(c.n) FILTER (WHERE k.kind = 3) AS phone,"            \
				     "   sum(c.n) FILTER (WHERE k.kind = 4) AS activated,"        \
				     "   sum(c.n) FILTER (WHERE k.kind = 5) AS activated_phone"   \
				     "   FROM generate_series(2, 5) k (kind) CROSS JOIN LATERAL"  \
				     "    (SELECT bucket, n FROM accounts_counts WHERE domain = " \
				     "$domain"                                                    \
				     "      AND kind = k.kind AND bucket >= "                     \
				     "accounts_hour(timezone('UTC', " REGISTRATIONS_SINCE(        \
					     unit, span) ")) AND " SUBJECT_CALLED ") c"           \
							 "   GROUP BY 1) n ON n.at = b.at ORDER " \
							 "BY b.at",                               \
	}

const struct stmt statistics_stmts[STATISTICS_STMTS + 1] = {
	[MESSAGE_INSERT] = {
		.name = "message_insert",
		OF_MESSAGE,
		.rows = PG_NONE,
		.sql = "INSERT INTO statistics_messages (id, domain, from_username, from_domain,"
		       " sent_at, encrypted, conference_id) VALUES ($id, $domain, $from_username,"
		       " $from_domain, $sent_at, $encrypted, $conference_id)",
	},
	[MESSAGE_SUBJECT] = {
		.name = "message_subject",
		SUBJECT_KEY,
		MESSAGE_ROW,
		.rows = PG_MAY_ONE,
		.sql = FIND_RECORD("statistics_messages"),
	},
	[MESSAGE_DEVICE_PUT] = {
		.name = "message_device_put",
		OF_MESSAGE_DEVICE,
		MESSAGE_DEVICE_ROW,
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO statistics_message_devices AS d (message, to_username, to_domain,"
		       " device_id, last_status, received_at) SELECT $message, $to_username,"
		       " $to_domain, $device_id, $last_status, $received_at"
		       WHILE_THERE_IS_ROOM("statistics_message_devices", "message = $message AND"
			       " to_username = $to_username AND to_domain = $to_domain",
			       "device_id = $device_id")
		       " ON CONFLICT (message, to_username, to_domain, device_id) DO UPDATE SET"
		       " last_status = excluded.last_status, received_at = excluded.received_at,"
		       " updated_at = now() RETURNING {row d}",
	},
	[CALL_INSERT] = {
		.name = "call_insert",
		OF_CALL,
		.rows = PG_NONE,
		.sql = "INSERT INTO statistics_calls (id, domain, from_username, from_domain,"
		       " to_username, to_domain, initiated_at, ended_at, conference_id) VALUES"
		       " ($id, $domain, $from_username, $from_domain, $to_username, $to_domain,"
		       " $initiated_at, $ended_at, $conference_id)",
	},
	[CALL_SUBJECT] = {
		.name = "call_subject",
		SUBJECT_KEY,
		CALL_ROW,
		.rows = PG_MAY_ONE,
		.sql = FIND_RECORD("statistics_calls"),
	},
	[CALL_END] = {
		.name = "call_end",
		OF_CALL,
		CALL_ROW,
		.rows = PG_MAY_ONE,
		.sql = "UPDATE statistics_calls r SET ended_at = $ended_at, updated_at = now()"
		       " WHERE number = $number RETURNING {row r}",
	},
	[CALL_DEVICE_PUT] = {
		.name = "call_device_put",
		OF_CALL_DEVICE,
		CALL_DEVICE_ROW,
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO statistics_call_devices AS d (call, device_id, rang_at,"
		       " invite_terminated_at, invite_terminated_state) SELECT $call, $device_id,"
		       " $rang_at, $invite_terminated_at, $invite_terminated_state"
		       WHILE_THERE_IS_ROOM("statistics_call_devices", "call = $call",
			       "device_id = $device_id")
		       " ON CONFLICT (call, device_id) DO UPDATE SET"
		       " rang_at = coalesce(excluded.rang_at, d.rang_at), invite_terminated_at ="
		       " coalesce(excluded.invite_terminated_at, d.invite_terminated_at),"
		       " invite_terminated_state = coalesce(excluded.invite_terminated_state,"
		       " d.invite_terminated_state), updated_at = now() RETURNING {row d}",
	},
	[CALL_DEVICE_LIST] = {
		.name = "call_device_list",
		OF_CALL,
		CALL_DEVICE_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row d} FROM statistics_call_devices d WHERE d.call = $number"
		       " ORDER BY d.id",
	},
	[REGISTRATIONS_OF_DAY] = REGISTRATIONS("day", "'hour'", "'24 hours'"),
	[REGISTRATIONS_OF_WEEK] = REGISTRATIONS("week", "'day'", "'7 days'"),
	[REGISTRATIONS_OF_MONTH] = REGISTRATIONS("month", "'day'", "'1 month'"),
};

enum err message_store_insert(struct service *s, const struct message *m)
{
	return pg_run(s->pg, &statistics_stmts[MESSAGE_INSERT], NULL, PG_IN(m));
}

enum err call_store_insert(struct service *s, const struct call *call)
{
	return pg_run(s->pg, &statistics_stmts[CALL_INSERT], NULL, PG_IN(call));
}

enum err message_device_store_put(
	struct service *s, const struct message_device *d, struct message_device *ret)
{
	return pg_one(s->pg, &statistics_stmts[MESSAGE_DEVICE_PUT], s->arena, ret, PG_IN(d));
}

enum err call_device_store_put(
	struct service *s, const struct call_device *d, struct call_device *ret)
{
	return pg_one(s->pg, &statistics_stmts[CALL_DEVICE_PUT], s->arena, ret, PG_IN(d));
}

enum err call_store_end(struct service *s, const struct call *call, struct call *ret)
{
	return pg_one(s->pg, &statistics_stmts[CALL_END], s->arena, ret, PG_IN(call));
}

enum err call_device_store_list(struct service *s, const struct call *call, struct rows *ret)
{
	return pg_many(s->pg, &statistics_stmts[CALL_DEVICE_LIST], s->arena, &ret->items, &ret->n,
		PG_IN(call));
}

#define ID_IN_PATH(as, text)                                                               \
	FIELD_TEXT_AS(subject_key, name, as, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, \
		.max = STATISTICS_ID_MAX, .doc = text)

static const struct field message_in_path[] = {
	ID_IN_PATH("message_id", "Id the message was reported with"),
	FIELDS_END,
};
static const struct field call_in_path[] = {
	ID_IN_PATH("call_id", "Id the call was reported with"),
	FIELDS_END,
};

const struct subject message_subject = { .name = "message",
	.path = message_in_path,
	.find = &statistics_stmts[MESSAGE_SUBJECT],
	.of_caller = true };
const struct subject call_subject = { .name = "call",
	.path = call_in_path,
	.find = &statistics_stmts[CALL_SUBJECT],
	.of_caller = true };

#define REGISTRATIONS_SUBJECT(stmt)                                                         \
	{                                                                                   \
		.name = "registrations", .find = &statistics_stmts[stmt], .of_caller = true \
	}
const struct subject registrations_of_day = REGISTRATIONS_SUBJECT(REGISTRATIONS_OF_DAY);
const struct subject registrations_of_week = REGISTRATIONS_SUBJECT(REGISTRATIONS_OF_WEEK);
const struct subject registrations_of_month = REGISTRATIONS_SUBJECT(REGISTRATIONS_OF_MONTH);
