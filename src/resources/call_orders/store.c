#include "call_orders_priv.h"

#include "pg/pg.h"
#include "resources/extensions/number_sql.h"

enum { ORDER_DEVICES, CALL_ORDERS_STMTS };

struct device_query {
	const char *domain, *number;
	int64_t account_id;
};
static const struct field query_fields[] = {
	FIELD_TEXT(device_query, domain),
	FIELD_TEXT(device_query, number),
	FIELD_INT(device_query, account_id),
	FIELDS_END,
};

/* A user without devices is one. */
static const struct field device_fields[] = {
	FIELD_INT(order_device, account_id, .column = "a.id"),
	FIELD_TEXT(order_device, exten, .column = "coalesce(x.exten, a.username)"),
	FIELD_TEXT(order_device, type, .column = "coalesce(x.type, 'physical')"),
	FIELD_TEXT(order_device, sip_name, .column = "coalesce(x.username, x.exten, a.username)"),
	FIELD_BOOL(order_device, is_asked,
		.column = "coalesce(w.is_device AND coalesce(x.exten, a.username) = w.number, "
			  "false)"),
	FIELD_BOOL(order_device, is_chosen,
		.column = "coalesce(coalesce(x.exten, a.username) = u.default_device, false)"),
	FIELDS_END,
};

const struct stmt call_orders_stmts[CALL_ORDERS_STMTS + 1] = {
	[ORDER_DEVICES] = {
		.name = "call_order_devices",
		.in = query_fields,
		.in_size = sizeof(struct device_query),
		.row = device_fields,
		.row_size = sizeof(struct order_device),
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM (SELECT * FROM " NUMBER_OWNER("$domain", "$number") " n"
		       "  UNION ALL SELECT $account_id, false, NULL WHERE $number IS NULL) w"
		       " JOIN accounts a ON a.id = w.account_id"
		       " LEFT JOIN cti_users u ON u.account_id = a.id"
		       " LEFT JOIN extensions x ON x.account_id = a.id ORDER BY exten",
	},
};

enum err order_store_devices(struct service *s, const char *domain, const char *number,
	int64_t account_id, struct order_device **ret, size_t *ret_count)
{
	const struct device_query of = { domain, number, account_id };
	void *rows;
	enum err e = pg_many(
		s->pg, &call_orders_stmts[ORDER_DEVICES], s->arena, &rows, ret_count, PG_IN(&of));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}
