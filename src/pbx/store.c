#include "base/json_fields.h"
#include "base/json_slice.h"
#include "pg/pg.h"
#include "store_priv.h"

enum { PBX_USER, PBX_PRESENCE, PBX_DOMAINS, PBX_REGISTRATIONS, PBX_STMTS };

struct user_row {
	int64_t account_id;
	const char *username, *domain, *name, *main_extension, *voicemail, *devices;
};

static const struct field user_fields[] = {
	FIELD_INT(user_row, account_id),
	FIELD_TEXT(user_row, username),
	FIELD_TEXT(user_row, domain),
	FIELD_TEXT(user_row, name),
	FIELD_TEXT(user_row, main_extension),
	FIELD_TEXT(user_row, voicemail),
	FIELD_JSON(user_row, devices),
	FIELDS_END,
};

static const struct field device_fields[] = {
	FIELD_TEXT_AS(pbx_device, exten, "exten"),
	FIELD_TEXT_AS(pbx_device, user, "user"),
	FIELD_TEXT_AS(pbx_device, type, "type"),
	FIELDS_END,
};

static const struct field presence_fields[] = {
	FIELD_TEXT(pbx_presence, status),
	FIELD_TEXT_AS(pbx_presence, to, "presence_to"),
	FIELDS_END,
};

static const struct field domain_fields[] = { FIELD_TEXT(pbx_domain, domain), FIELDS_END };

static const struct field registration_fields[] = {
	FIELD_INT(registration, row_id),
	FIELD_TEXT(registration, address),
	FIELD_TEXT(registration, contact),
	FIELD_TEXT(registration, place),
	FIELD_TEXT(registration, user_agent),
	FIELDS_END,
};

/* An account's own name comes before all, a device before a main extension: as the proxy finds them. */
#define OWNERS                                                                               \
	"(SELECT a.id, 1 AS rank FROM accounts a WHERE a.domain = $1 AND a.username = $2"    \
	" UNION ALL SELECT x.account_id, 2 FROM extensions x"                                \
	"   WHERE x.domain = $1 AND x.username = $2"                                         \
	" UNION ALL SELECT x.account_id, 3 FROM extensions x"                                \
	"   WHERE x.domain = $1 AND x.exten = $2"                                            \
	" UNION ALL (SELECT m.id, 4 FROM cti_users c JOIN accounts m ON m.id = c.account_id" \
	"   WHERE c.main_extension = $2 AND m.domain = $1 ORDER BY m.id LIMIT 1)"            \
	" ORDER BY rank LIMIT 1)"

const struct stmt pbx_stmts[PBX_STMTS + 1] = {
	[PBX_USER] = {
		.name = "pbx_user",
		.params = { PG_TEXT, PG_TEXT },
		.row = user_fields,
		.row_size = sizeof(struct user_row),
		.rows = PG_MAY_ONE,
		.sql = "SELECT a.id AS account_id, a.username, a.domain,"
		       " coalesce(nullif(a.display_name, ''), a.username) AS name,"
		       " coalesce(u.main_extension, a.username) AS main_extension, u.voicemail,"
		       " (SELECT jsonb_agg(jsonb_build_object('exten', x.exten,"
		       "    'user', coalesce(x.username, x.exten), 'type', x.type) ORDER BY x.exten)"
		       "   FROM extensions x WHERE x.account_id = a.id) AS devices"
		       " FROM " OWNERS " o JOIN accounts a ON a.id = o.id"
		       " LEFT JOIN cti_users u ON u.account_id = a.id",
	},
	[PBX_PRESENCE] = {
		.name = "pbx_presence",
		.params = { PG_INT },
		.row = presence_fields,
		.row_size = sizeof(struct pbx_presence),
		.rows = PG_MAY_ONE,
		.sql = "SELECT presence AS status, presence_to FROM cti_users WHERE account_id = $1",
	},
	[PBX_DOMAINS] = {
		.name = "pbx_domains",
		.row = domain_fields,
		.row_size = sizeof(struct pbx_domain),
		.rows = PG_MANY,
		.sql = "SELECT domain FROM spaces ORDER BY domain",
	},
	[PBX_REGISTRATIONS] = {
		.name = "pbx_registrations",
		.params = { PG_INT, PG_INT },
		.row = registration_fields,
		.row_size = sizeof(struct registration),
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM kamailio_registrations($1, $2)",
	},
};

/* A user without any is a device. */
static bool read_devices(const struct user_row *row, struct arena *arena, struct pbx_user *ret)
{
	struct str rest = str_from(row->devices), value;
	size_t n = row->devices ? json_slice_count(rest) : 0;
	struct pbx_device *devices = arena_alloc(arena, (n + 1) * sizeof(*devices));

	devices[0] = (struct pbx_device){ row->username, row->username, "physical" };
	for (size_t i = 0; i < n; i++)
		if (!json_slice_next(&rest, NULL, &value) ||
			!json_fields_read(device_fields, value, arena, &devices[i]))
			return false;
	ret->devices = devices;
	ret->devices_n = n ? n : 1;
	return true;
}

enum err pbx_store_user(
	struct pg *pg, const struct pbx_address *address, struct arena *arena, struct pbx_user *ret)
{
	struct user_row row;
	enum err e = pg_one(pg, &pbx_stmts[PBX_USER], arena, &row,
		PG_VALUES(pg_text(address->domain), pg_text(address->user)));

	if (e != ERR_OK)
		return e;
	*ret = (struct pbx_user){ .account_id = row.account_id,
		.username = row.username,
		.domain = row.domain,
		.name = row.name,
		.main_extension = row.main_extension,
		.voicemail = row.voicemail };
	return read_devices(&row, arena, ret) ? ERR_OK : ERR_INTERNAL;
}

enum err pbx_store_presence(
	struct pg *pg, int64_t account_id, struct arena *arena, struct pbx_presence *ret)
{
	enum err e =
		pg_one(pg, &pbx_stmts[PBX_PRESENCE], arena, ret, PG_VALUES(pg_int(account_id)));

	if (e == ERR_NOT_FOUND)
		*ret = (struct pbx_presence){ .status = "online" };
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err pbx_store_domains(
	struct pg *pg, struct arena *arena, struct pbx_domain **ret, size_t *ret_n)
{
	void *rows;
	enum err e = pg_many(pg, &pbx_stmts[PBX_DOMAINS], arena, &rows, ret_n, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err pbx_store_registrations(struct pg *pg, int64_t after_row, int64_t most,
	struct arena *arena, struct registration **ret, size_t *ret_n)
{
	void *rows;
	enum err e = pg_many(pg, &pbx_stmts[PBX_REGISTRATIONS], arena, &rows, ret_n,
		PG_VALUES(pg_int(after_row), pg_int(most)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

extern const struct stmt calls_records_stmts[];

/* Those of records of calls, too. */
void pbx_store_register(struct pg *pg)
{
	pg_register(pg, pbx_stmts);
	pg_register(pg, calls_records_stmts);
}
