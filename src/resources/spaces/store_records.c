#include "spaces_priv.h"

#include "base/sip_address.h"
#include "pg/pg.h"
#include "service/subject_call.h"

enum {
	SPACE_RECORDS,
	SPACE_RECORD,
	SPACE_TAKEN,
	SPACE_INSERT,
	SPACE_UPDATE,
	SPACE_END,
	SPACE_ACCOUNTS,
	SPACE_SHARED_EMAILS,
	SPACE_RECORD_STMTS
};

/* clang-format off */
#define WRITTEN                                                                                     \
	FIELD_TEXT(space_record, host),                                                             \
	FIELD_TEXT(space_record, name),                                                             \
	FIELD_INT(space_record, max_account),                                                       \
	FIELD_INT(space_record, max_accounts),                                                      \
	FIELD_INT(space_record, theme_hue),                                                         \
	FIELD_TRI(space_record, digest_enabled),                                                    \
	FIELD_TEXT(space_record, realm, .flags = FIELD_KEEP),                                       \
	FIELD_TEXT(space_record, default_password_algorithm, .flags = FIELD_KEEP),                  \
	FIELD_TIME(space_record, expire_at, .flags = FIELD_COMPUTED)
#define EXPIRE_AT "($expire_at AT TIME ZONE 'UTC')::date"
#define X(name, ...) FIELD_TRI(space_record, name),
#define ALL_SWITCHES SPACE_SWITCHES(X) SPACE_MORE_SWITCHES(X)

static const struct field new_fields[] = {
	FIELD_TEXT(space_record, domain),
	ALL_SWITCHES
#undef X
#define X(name, ...) FIELD_TEXT(space_record, name),
	SPACE_TEXTS(X)
#undef X
	WRITTEN,
	FIELDS_END,
};
static const struct field change_fields[] = {
	FIELD_INT(space_record, id, .flags = FIELD_KEY),
	FIELD_TEXT(space_record, domain, .flags = FIELD_KEY),
#define X(name, ...) FIELD_TRI(space_record, name),
	ALL_SWITCHES
#undef X
#define X(name, ...) FIELD_TEXT(space_record, name),
	SPACE_TEXTS(X)
#undef X
	WRITTEN,
	FIELDS_END,
};
/* clang-format on */

static const struct field taken_fields[] = {
	FIELD_BOOL(space_taken, domain),
	FIELD_BOOL(space_taken, ends),
	FIELD_BOOL(space_taken, host),
	FIELD_BOOL(space_taken, name),
	FIELDS_END,
};

struct email_row {
	const char *email;
};
static const struct field email_fields[] = { FIELD_TEXT(email_row, email), FIELDS_END };

#define RECORD_ROW .row = space_record_fields, .row_size = sizeof(struct space_record)
#define CHANGE     .in = change_fields, .in_size = sizeof(struct space_record)

const struct stmt spaces_records_stmts[SPACE_RECORD_STMTS + 1] = {
	[SPACE_RECORDS] = {
		.name = "space_records",
		SUBJECT_KEY,
		RECORD_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row s} FROM spaces s WHERE s.ends IS NULL AND (SELECT o.super"
		       "  FROM spaces o WHERE o.domain = " SUBJECT_CALLERS_DOMAIN ") ORDER BY s.id",
	},
	[SPACE_RECORD] = {
		.name = "space_record",
		SUBJECT_KEY,
		RECORD_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row s} FROM spaces s WHERE s.domain = $name AND s.ends IS NULL",
	},
	[SPACE_TAKEN] = {
		.name = "space_taken",
		CHANGE,
		.row = taken_fields,
		.row_size = sizeof(struct space_taken),
		.rows = PG_ONE,
		.sql = "SELECT coalesce(bool_or(domain = $domain), false) AS domain,"
		       " coalesce(bool_or(domain = $domain AND ends IS NOT NULL), false) AS ends,"
		       " coalesce(bool_or(host = $host AND ends IS NULL), false) AS host,"
		       " coalesce(bool_or(name = $name AND ends IS NULL), false) AS name"
		       " FROM spaces WHERE id <> $id"
		       " AND (domain = $domain OR host = $host OR name = $name)",
	},
	[SPACE_INSERT] = {
		.name = "space_insert",
		.in = new_fields,
		.in_size = sizeof(struct space_record),
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO spaces ({in}, expire_at) SELECT {values}, " EXPIRE_AT
		       " WHERE (SELECT count(*) FROM (SELECT FROM spaces LIMIT " PG_CONSTANT(
			       SPACES_MAX) ") o) < " PG_CONSTANT(SPACES_MAX)
		       " RETURNING id",
	},
	[SPACE_UPDATE] = {
		.name = "space_update",
		CHANGE,
		.rows = PG_NONE,
		.sql = "UPDATE spaces SET {set}, expire_at = " EXPIRE_AT ", updated_at = now()"
		       " WHERE domain = $domain AND ends IS NULL",
	},
	[SPACE_END] = {
		.name = "space_end",
		.params = { PG_TEXT },
		.rows = PG_NONE,
		.sql = "UPDATE spaces SET ends = 'sessions', updated_at = now(),"
		       " ends_request_id = nullif(current_setting('dialtone.request', true), '')"
		       " WHERE domain = $1 AND ends IS NULL",
	},
	[SPACE_ACCOUNTS] = {
		.name = "space_accounts",
		.params = { PG_TEXT },
		.row = pg_counted_fields,
		.row_size = sizeof(struct counted),
		.rows = PG_ONE,
		.sql = "SELECT coalesce(sum(n), 0) AS count FROM accounts_counts"
		       " WHERE domain = $1 AND kind = 1",
	},
	[SPACE_SHARED_EMAILS] = {
		.name = "space_shared_emails",
		.params = { PG_TEXT },
		.row = email_fields,
		.row_size = sizeof(struct email_row),
		.rows = PG_MANY,
		.sql = "SELECT lower(email) AS email FROM accounts"
		       " WHERE domain = $1 AND email IS NOT NULL"
		       " GROUP BY lower(email) HAVING count(*) > 1 ORDER BY 1 LIMIT 10",
	},
};

enum err space_record_get(struct service *s, const char *domain, struct space_record *ret)
{
	const struct subject_key key = { .name = domain };

	return pg_one(s->pg, &spaces_records_stmts[SPACE_RECORD], s->arena, ret, PG_IN(&key));
}

enum err space_store_taken(
	struct service *s, const struct space_record *in, struct space_taken *ret)
{
	return pg_one(s->pg, &spaces_records_stmts[SPACE_TAKEN], NULL, ret, PG_IN(in));
}

enum err space_store_insert(struct service *s, const struct space_record *in, int64_t *ret_id)
{
	struct pg_id made;
	enum err e = pg_one(s->pg, &spaces_records_stmts[SPACE_INSERT], NULL, &made, PG_IN(in));

	if (e == ERR_OK)
		*ret_id = made.id;
	return e == ERR_NOT_FOUND ? ERR_LIMIT : e;
}

enum err space_store_update(struct service *s, const struct space_record *in)
{
	return pg_change(s->pg, &spaces_records_stmts[SPACE_UPDATE], ERR_NOT_FOUND, PG_IN(in));
}

enum err space_store_end(struct service *s, const char *domain)
{
	return pg_change(
		s->pg, &spaces_records_stmts[SPACE_END], ERR_NOT_FOUND, PG_VALUES(pg_text(domain)));
}

enum err space_store_count(struct service *s, const char *domain, int64_t *ret)
{
	struct counted row;
	enum err e = pg_one(s->pg, &spaces_records_stmts[SPACE_ACCOUNTS], NULL, &row,
		PG_VALUES(pg_text(domain)));

	if (e == ERR_OK)
		*ret = row.count;
	return e;
}

enum err space_store_shared_emails(
	struct service *s, const char *domain, const char *const **ret, size_t *ret_count)
{
	const char **emails;
	void *rows;
	enum err e = pg_many(s->pg, &spaces_records_stmts[SPACE_SHARED_EMAILS], s->arena, &rows,
		ret_count, PG_VALUES(pg_text(domain)));

	if (e != ERR_OK)
		return e;
	emails = arena_alloc(s->arena, (*ret_count + 1) * sizeof(*emails));
	for (size_t i = 0; i < *ret_count; i++)
		emails[i] = ((const struct email_row *)rows)[i].email;
	*ret = emails;
	return ERR_OK;
}

static const struct field domain_in_path[] = {
	FIELD_TEXT_AS(subject_key, name, "domain", .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED | FIELD_DOMAIN, .max = SPACE_DOMAIN_MAX,
		.doc = "SIP domain of the space"),
	FIELDS_END,
};

const struct subject space_subject = {
	.name = "space", .path = domain_in_path, .find = &spaces_records_stmts[SPACE_RECORD]
};
const struct subject spaces_all = {
	.name = "spaces", .find = &spaces_records_stmts[SPACE_RECORDS], .of_caller = true
};
