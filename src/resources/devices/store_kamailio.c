#include "devices_priv.h"

#include "pg/pg.h"

enum { KAMAILIO_LIST, KAMAILIO_STMTS };

const struct stmt devices_kamailio_stmts[KAMAILIO_STMTS + 1] = {
	[KAMAILIO_LIST] = {
		.name = "devices_kamailio",
		.params = { PG_TEXT, PG_TEXT, PG_INT },
		.row = device_fields,
		.row_size = sizeof(struct device),
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM kamailio_devices($1, $2) LIMIT $3",
	},
};

enum err device_store_kamailio(struct service *s, const struct account *a, struct rows *ret)
{
	return pg_many(s->pg, &devices_kamailio_stmts[KAMAILIO_LIST], s->arena, &ret->items,
		&ret->n, PG_VALUES(pg_text(a->username), pg_text(a->domain), pg_int(DEVICES_MAX)));
}
