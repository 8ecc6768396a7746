#include "profiles_priv.h"

#include "pg/pg.h"
#include "service/subject_call.h"
#include "resources/profiles/profile.h"
#include "service/columns.h"

enum {
	PROFILE_LIST,
	PROFILE_GET,
	PROFILE_INSERT,
	PROFILE_UPDATE,
	PROFILE_DELETE,
	PROFILE_GRANTS,
	PROFILE_GRANTS_OF_CALLER,
	PROFILE_GRANTS_OF_MANY,
	PROFILE_STMTS
};

/* clang-format off */
#define GRANTS_FIELDS(st, p)                                                                        \
	FIELD_TEXT_AS(st, p profile_id, "profile_id", .column = "p.id::text"),                      \
	FIELD_TEXT_AS(st, p capabilities, "capabilities",                                           \
		.column = "array_to_string(p.capabilities, ' ')"),                                  \
	FIELD_TEXT_AS(st, p extensions, "extensions",                                               \
		.column = "coalesce((SELECT string_agg(e.exten, ' ' ORDER BY e.exten)"              \
			  " FROM extensions e WHERE e.account_id = a.id), a.username)"),            \
	FIELD_BOOL_AS(st, p admin, "admin", .column = "a.admin"),                                   \
	FIELD_TIME_AS(st, p must_enrol_at, "must_enrol_at", .column = MUST_ENROL_AT),               \
	FIELD_TIME_AS(st, p read_at, "read_at", .column = "statement_timestamp()")
#define FROM_GRANTED                                                                                \
	" FROM accounts a LEFT JOIN cti_users u ON u.account_id = a.id"                             \
	" LEFT JOIN profiles p ON p.id = coalesce("                                                 \
	" (SELECT o.id FROM profiles o WHERE o.id = u.profile_id),"                                 \
	" (SELECT d.id FROM profiles d WHERE d.domain = a.domain AND d.is_default))"
/* clang-format on */

static const struct field grants_fields[] = { GRANTS_FIELDS(profile_grants, ), FIELDS_END };
static const struct field audience_fields[] = {
	FIELD_INT(account_permissions, account_id, .column = "id"),
	GRANTS_FIELDS(account_permissions, grants.),
	FIELD_TEXT(account_permissions, sessions,
		.column = "(SELECT string_agg(se.jti || ' '"
			  " || floor(extract(epoch FROM se.expires_at))::bigint, ' ')"
			  " FROM sessions se WHERE se.account_id = a.id"
			  " AND se.revoked_at IS NULL AND se.expires_at > now()"
			  " AND " SESSION_HOLDS ")"),
	FIELDS_END,
};

struct room {
	bool fits;
};
static const struct field room_fields[] = { FIELD_BOOL(room, fits), FIELDS_END };

#define BYTES_OF(macros, routes) "octet_length(" macros "::text) + octet_length(" routes "::text)"
#define BYTES_NOW                BYTES_OF("o.macro_permissions", "o.outbound_routes_permissions")
/* Whether so many bytes more fit into the domain. */
#define FIT(bytes)                                 \
	"coalesce(sum(" BYTES_NOW "), 0) + " bytes \
	" <= " PG_CONSTANT(PROFILES_MAX_BYTES) " FROM profiles o WHERE o.domain = "

#define OF_PROFILE  .in = profile_fields, .in_size = sizeof(struct profile)
#define PROFILE_ROW .row = profile_fields, .row_size = sizeof(struct profile)

const struct stmt profiles_stmts[PROFILE_STMTS + 1] = {
	[PROFILE_LIST] = {
		.name = "profile_list",
		SUBJECT_KEY,
		PROFILE_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM profiles WHERE domain = $domain AND " SUBJECT_CALLED
		       " ORDER BY id",
	},
	[PROFILE_GET] = {
		.name = "profile_get",
		SUBJECT_KEY,
		PROFILE_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM profiles WHERE id = $id AND domain = $domain",
	},
	[PROFILE_INSERT] = {
		.name = "profile_insert",
		.params = { PG_TEXT, PG_TEXT, PG_BOOL, PG_JSON, PG_JSON, PG_TEXTS },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO profiles (domain, name, is_default, macro_permissions,"
		       " outbound_routes_permissions, capabilities) SELECT $1, $2, $3, $4, $5, $6"
		       " WHERE (SELECT count(*) < " PG_CONSTANT(PROFILES_MAX) " AND " FIT(
			       BYTES_OF("$4", "$5")) "$1) RETURNING id",
	},
	[PROFILE_UPDATE] = {
		.name = "profile_update",
		.params = { PG_INT, PG_TEXT, PG_TEXT, PG_BOOL, PG_JSON, PG_JSON, PG_TEXTS },
		.row = room_fields,
		.row_size = sizeof(struct room),
		.rows = PG_MAY_ONE,
		/* One that does not grow always fits. */
		.sql = "WITH p AS MATERIALIZED (SELECT id, " BYTES_NOW " >= " BYTES_OF("$5", "$6")
		       "  OR (SELECT " FIT(BYTES_OF("$5", "$6")) "$2 AND o.id <> $1) AS fits"
		       "  FROM profiles o WHERE id = $1 AND domain = $2),"
		       " u AS (UPDATE profiles o SET name = $3, is_default = $4,"
		       "   macro_permissions = $5, outbound_routes_permissions = $6,"
		       "   capabilities = $7, updated_at = now() FROM p WHERE o.id = p.id AND fits)"
		       " SELECT fits FROM p",
	},
	[PROFILE_DELETE] = {
		.name = "profile_delete",
		OF_PROFILE,
		.rows = PG_NONE,
		.sql = "DELETE FROM profiles WHERE id = $id AND domain = $domain",
	},
	[PROFILE_GRANTS] = {
		.name = "profile_grants",
		.params = { PG_INT },
		.row = grants_fields,
		.row_size = sizeof(struct profile_grants),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a}" FROM_GRANTED " WHERE a.id = $1",
	},
	[PROFILE_GRANTS_OF_CALLER] = {
		.name = "profile_grants_of_caller",
		SUBJECT_KEY,
		.row = grants_fields,
		.row_size = sizeof(struct profile_grants),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a}" FROM_GRANTED " WHERE a.id = " SUBJECT_CALLER,
	},
	[PROFILE_GRANTS_OF_MANY] = {
		.name = "profile_grants_of_many",
		.params = { PG_INTS },
		.row = audience_fields,
		.row_size = sizeof(struct account_permissions),
		.rows = PG_MANY,
		.sql = "SELECT {row a}" FROM_GRANTED " WHERE a.id = ANY ($1)",
	},
};

enum err profile_store_get(struct service *s, const char *domain, int64_t id, struct profile *ret)
{
	const struct subject_key key = { .id = id, .domain = domain };

	return pg_one(s->pg, &profiles_stmts[PROFILE_GET], s->arena, ret, PG_IN(&key));
}

enum err profile_store_insert(struct service *s, const char *domain, const struct profile *p,
	const struct capability_list *grants, int64_t *ret_id)
{
	struct pg_id made;
	enum err e = pg_one(s->pg, &profiles_stmts[PROFILE_INSERT], NULL, &made,
		PG_VALUES(pg_text(domain), pg_text(p->name), pg_bool(p->is_default),
			pg_json(p->macro_permissions), pg_json(p->outbound_routes_permissions),
			pg_texts(grants->names, grants->n)));

	if (e == ERR_OK)
		*ret_id = made.id;
	return e == ERR_NOT_FOUND ? ERR_LIMIT : e;
}

enum err profile_store_update(struct service *s, const char *domain, const struct profile *p,
	const struct capability_list *grants)
{
	struct room room;
	enum err e = pg_one(s->pg, &profiles_stmts[PROFILE_UPDATE], NULL, &room,
		PG_VALUES(pg_int(p->id), pg_text(domain), pg_text(p->name), pg_bool(p->is_default),
			pg_json(p->macro_permissions), pg_json(p->outbound_routes_permissions),
			pg_texts(grants->names, grants->n)));

	return e == ERR_OK && !room.fits ? ERR_LIMIT : e;
}

enum err profile_store_delete(struct service *s, const char *domain, int64_t id)
{
	const struct profile of = { .id = id, .domain = domain };

	return pg_change(s->pg, &profiles_stmts[PROFILE_DELETE], ERR_NOT_FOUND, PG_IN(&of));
}

enum err permissions_of(struct service *s, int64_t account_id, struct profile_grants *ret)
{
	return pg_one(s->pg, &profiles_stmts[PROFILE_GRANTS], s->arena, ret,
		PG_VALUES(pg_int(account_id)));
}

enum err permissions_of_many(struct service *s, const int64_t *account_ids, size_t n,
	struct account_permissions **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, &profiles_stmts[PROFILE_GRANTS_OF_MANY], s->arena, &rows,
		ret_count, PG_VALUES(pg_ints(account_ids, n)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

static const struct field id_in_path[] = {
	FIELD_INT(subject_key, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the profile"),
	FIELDS_END,
};

const struct subject profile_subject = {
	.name = "profile", .path = id_in_path, .find = &profiles_stmts[PROFILE_GET]
};
const struct subject grants_of_caller = {
	.name = "grants", .find = &profiles_stmts[PROFILE_GRANTS_OF_CALLER], .of_caller = true
};
const struct subject profiles_of_space = {
	.name = "profiles", .find = &profiles_stmts[PROFILE_LIST], .of_caller = true
};
