#include "accounts_priv.h"

#include <string.h>

#include "base/sip_address.h"
#include "resources/accounts/account.h"

#include "pg/pg.h"
#include "service/subject_call.h"

enum {
	ACCOUNT_BY_ID,
	ACCOUNT_INFO,
	ACCOUNT_PAGE,
	ACCOUNT_COUNT,
	ACCOUNT_TAKEN,
	ACCOUNT_INSERT,
	ACCOUNT_UPDATE,
	ACCOUNT_UPDATE_PASSWORD,
	ACCOUNT_DELETE,
	ACCOUNT_FIND, /* + enum account_by */
	ACCOUNT_STMTS = ACCOUNT_FIND + ACCOUNT_BY_COUNT
};

struct count_row {
	int64_t count;
};
static const struct field count_fields[] = { FIELD_INT(count_row, count), FIELDS_END };

static const struct field taken_fields[] = {
	FIELD_BOOL(account_taken, username),
	FIELD_BOOL(account_taken, tombstone),
	FIELD_BOOL(account_taken, email),
	FIELD_BOOL(account_taken, phone),
	FIELDS_END,
};

/* clang-format off */
/* Finds one account of the domain. */
#define ACCOUNT_FINDER(stmt_name, where)                                                            \
	{                                                                                           \
		.name = stmt_name,                                                                  \
		SUBJECT_KEY,                                                                        \
		.row = account_fields,                                                              \
		.row_size = sizeof(struct account),                                                 \
		.rows = PG_MAY_ONE,                                                                 \
		.sql = "SELECT" ACCOUNT_COLUMNS " FROM accounts a"                                  \
		       " WHERE a.domain = $domain AND " where,                                         \
	}
/* clang-format on */

const struct stmt accounts_stmts[ACCOUNT_STMTS + 1] = {
	[ACCOUNT_BY_ID] = ACCOUNT_FINDER("account_by_id", "a.id = $id"),
	[ACCOUNT_INFO] = {
		.name = "account_info",
		SUBJECT_KEY,
		.row = account_info_fields,
		.row_size = sizeof(struct account_info),
		.rows = PG_MAY_ONE,
		.sql = "SELECT activated, space_realm AS realm FROM accounts"
		       " WHERE username = $name AND domain = $domain",
	},
	[ACCOUNT_PAGE] = {
		.name = "account_page",
		.params = { PG_TEXT, PG_INT, PG_INT },
		.row = account_fields,
		.row_size = sizeof(struct account),
		.rows = PG_MANY,
		.sql = "SELECT" ACCOUNT_COLUMNS " FROM accounts a WHERE a.domain = $1 ORDER BY a.id LIMIT $2 OFFSET $3",
	},
	[ACCOUNT_COUNT] = {
		.name = "account_count",
		.params = { PG_TEXT },
		.row = count_fields,
		.row_size = sizeof(struct count_row),
		.rows = PG_ONE,
		.sql = "SELECT count(*) FROM accounts WHERE domain = $1",
	},
	[ACCOUNT_TAKEN] = {
		.name = "account_taken",
		.params = { PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_INT },
		.row = taken_fields,
		.row_size = sizeof(struct account_taken),
		.rows = PG_ONE,
		.sql = "SELECT EXISTS (SELECT FROM accounts WHERE domain = $1 AND username = $2"
		       "   AND id <> $5) AS username,"
		       " EXISTS (SELECT FROM accounts_tombstones WHERE domain = $1 AND username = $2)"
		       "   AS tombstone,"
		       " EXISTS (SELECT FROM accounts WHERE domain = $1 AND email_key = lower($3)"
		       "   AND id <> $5) AS email,"
		       " EXISTS (SELECT FROM accounts WHERE domain = $1 AND (phone = $4 OR username = $4)"
		       "   AND id <> $5) AS phone",
	},
	[ACCOUNT_INSERT] = {
		.name = "account_insert",
		.params = { PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_BOOL, PG_BOOL,
			PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_BYTES, PG_BYTES, PG_TIME, PG_BYTES,
			PG_BYTES, PG_TIME, PG_JSON },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_ONE,
		.sql = "WITH a AS (INSERT INTO accounts (username, domain, email, phone, display_name,"
		       "   dtmf_protocol, activated, admin, ip_address, user_agent, dictionary)"
		       "  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $19) RETURNING id),"
		       " p AS (INSERT INTO passwords (account_id, password, algorithm)"
		       "  SELECT id, $11, $12 FROM a),"
		       " t AS (INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed,"
		       "   expires_at, ip, user_agent) SELECT id, $13, $14, $15, $9, $10 FROM a),"
		       " k AS (INSERT INTO confirmation_keys (account_id, key_hash, key_sealed, kind,"
		       "   expires_at) SELECT id, $16, $17, 'email', $18 FROM a WHERE $17 IS NOT NULL)"
		       " SELECT id FROM a",
	},
	[ACCOUNT_UPDATE] = {
		.name = "account_update",
		.params = { PG_INT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT,
			PG_BOOL, PG_BOOL, PG_BOOL, PG_TEXT, PG_JSON },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "UPDATE accounts SET username = $3, domain = $4, email = $5, phone = $6,"
		       " display_name = $7, dtmf_protocol = $8, activated = coalesce($9, activated),"
		       " blocked = coalesce($10, blocked), admin = coalesce($11, admin),"
		       " user_agent = $12, dictionary = coalesce($13, dictionary), updated_at = now()"
		       " WHERE id = $1 AND domain = $2 RETURNING id",
	},
	[ACCOUNT_UPDATE_PASSWORD] = {
		.name = "account_update_password",
		.params = { PG_INT, PG_TEXT, PG_TEXT },
		.rows = PG_NONE,
		.sql = "WITH o AS (DELETE FROM passwords WHERE account_id = $1 AND algorithm <> $3)"
		       " INSERT INTO passwords (account_id, password, algorithm) VALUES ($1, $2, $3)"
		       " ON CONFLICT (account_id, algorithm) DO UPDATE SET password = excluded.password",
	},
	[ACCOUNT_DELETE] = {
		.name = "account_delete",
		.params = { PG_INT, PG_TEXT },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "DELETE FROM accounts WHERE id = $1 AND domain = $2 RETURNING id",
	},
	[ACCOUNT_FIND + ACCOUNT_BY_USERNAME] =
		ACCOUNT_FINDER("account_by_username", "a.username = $name"),
	[ACCOUNT_FIND + ACCOUNT_BY_EMAIL] = ACCOUNT_FINDER("account_by_email",
		"lower(a.email) = lower($name) ORDER BY a.id LIMIT 1"),
};

static enum err find(
	struct service *s, int stmt, const struct subject_key *key, struct account *ret)
{
	enum err e = pg_one(s->pg, &accounts_stmts[stmt], s->arena, ret, PG_IN(key));

	if (e == ERR_OK)
		account_row_complete(s->arena, ret);
	return e;
}

enum err account_store_by_id(struct service *s, const char *domain, int64_t id, struct account *ret)
{
	return find(s, ACCOUNT_BY_ID, &(struct subject_key){ .id = id, .domain = domain }, ret);
}

enum err account_store_find(struct service *s, const char *domain, enum account_by by,
	const char *value, struct account *ret)
{
	const struct subject_key key = { .domain = domain, .name = value };

	return find(s, ACCOUNT_FIND + (int)by, &key, ret);
}

enum err account_store_page(struct service *s, const char *domain, int64_t limit, int64_t offset,
	struct account **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, &accounts_stmts[ACCOUNT_PAGE], s->arena, &rows, ret_count,
		PG_VALUES(pg_text(domain), pg_int(limit), pg_int(offset)));

	if (e != ERR_OK)
		return e;
	*ret = rows;
	for (size_t i = 0; i < *ret_count; i++)
		account_row_complete(s->arena, &(*ret)[i]);
	return ERR_OK;
}

enum err account_store_count(struct service *s, const char *domain, int64_t *ret)
{
	struct count_row row;
	enum err e = pg_one(
		s->pg, &accounts_stmts[ACCOUNT_COUNT], NULL, &row, PG_VALUES(pg_text(domain)));

	if (e == ERR_OK)
		*ret = row.count;
	return e;
}

enum err account_store_taken(struct service *s, const char *domain, const char *username,
	const char *email, const char *phone, int64_t self, struct account_taken *ret)
{
	return pg_one(s->pg, &accounts_stmts[ACCOUNT_TAKEN], NULL, ret,
		PG_VALUES(pg_text(domain), pg_text(username), pg_text(email), pg_text(phone),
			pg_int(self)));
}

enum err account_store_insert(struct service *s, const struct account_row *r, int64_t *ret_id)
{
	const struct stored_token *p = &r->provisioning, *c = &r->confirmation;
	struct pg_id made;
	enum err e = pg_one(s->pg, &accounts_stmts[ACCOUNT_INSERT], NULL, &made,
		PG_VALUES(pg_text(r->username), pg_text(r->domain), pg_text(r->email),
			pg_text(r->phone), pg_text(r->display_name), pg_text(r->dtmf_protocol),
			pg_bool(r->activated == TRI_TRUE), pg_bool(r->admin == TRI_TRUE),
			pg_text(r->ip_address), pg_text(r->user_agent), pg_text(r->ha1),
			pg_text(r->algorithm), pg_bytes(p->hash, sizeof(p->hash)),
			pg_bytes(p->sealed.p, p->sealed.n), pg_time(p->expires_at),
			pg_bytes(c->hash, sizeof(c->hash)), pg_bytes(c->sealed.p, c->sealed.n),
			pg_time(c->expires_at), pg_json(r->dictionary ? r->dictionary : "{}")));

	if (e == ERR_OK)
		*ret_id = made.id;
	return e;
}

enum err account_store_update(
	struct service *s, const char *domain, int64_t id, const struct account_row *r)
{
	struct pg_id changed;
	enum err e = pg_one(s->pg, &accounts_stmts[ACCOUNT_UPDATE], NULL, &changed,
		PG_VALUES(pg_int(id), pg_text(domain), pg_text(r->username), pg_text(r->domain),
			pg_text(r->email), pg_text(r->phone), pg_text(r->display_name),
			pg_text(r->dtmf_protocol), pg_tri(r->activated), pg_tri(r->blocked),
			pg_tri(r->admin), pg_text(r->user_agent), pg_json(r->dictionary)));

	if (e == ERR_OK && r->ha1)
		e = pg_run(s->pg, &accounts_stmts[ACCOUNT_UPDATE_PASSWORD], NULL,
			PG_VALUES(pg_int(id), pg_text(r->ha1), pg_text(r->algorithm)));
	return e;
}

enum err account_store_delete(struct service *s, const char *domain, int64_t id)
{
	struct pg_id gone;

	return pg_one(s->pg, &accounts_stmts[ACCOUNT_DELETE], NULL, &gone,
		PG_VALUES(pg_int(id), pg_text(domain)));
}

static enum err complete(struct service *s, void *row)
{
	account_row_complete(s->arena, row);
	return account_open(s, row);
}

/* "user@domain", with or without "sip:"; anything else is the address of no account
 * (accounts-api 1.1). */
static enum text_id sip_check(struct str s)
{
	return memchr(s.p, '@', s.n) ? TEXT_OK : TEXT_FORMAT;
}

static const char *cut_domain(struct subject_key *k, struct arena *arena)
{
	const struct sip_address address = sip_address_from_uri(arena, str_from(k->name));

	k->name = address.user;
	return address.domain ? address.domain : "";
}

static enum err key_in_space(struct subject_key *k, struct arena *arena)
{
	return strcmp(cut_domain(k, arena), k->domain) == 0 ? ERR_OK : ERR_NOT_FOUND;
}

static enum err key_anywhere(struct subject_key *k, struct arena *arena)
{
	k->domain = cut_domain(k, arena);
	return ERR_OK;
}

static const struct field id_in_path[] = {
	FIELD_INT(subject_key, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the account"),
	FIELDS_END,
};
static const struct field sip_in_path[] = {
	FIELD_TEXT_AS(subject_key, name, "sip", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.check = sip_check, .doc = "user@domain", .example = "alice@sip.example.org"),
	FIELDS_END,
};
static const struct field email_in_path[] = {
	FIELD_TEXT_AS(subject_key, name, "email", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.doc = "E-mail address, in any case", .example = "alice@example.org"),
	FIELDS_END,
};

const struct subject account_subject = { .name = "account",
	.path = id_in_path,
	.find = &accounts_stmts[ACCOUNT_BY_ID],
	.complete = complete };
const struct subject account_by_sip = { .name = "account",
	.path = sip_in_path,
	.key = key_in_space,
	.find = &accounts_stmts[ACCOUNT_FIND + ACCOUNT_BY_USERNAME],
	.complete = complete };
const struct subject account_by_email = { .name = "account",
	.path = email_in_path,
	.find = &accounts_stmts[ACCOUNT_FIND + ACCOUNT_BY_EMAIL],
	.complete = complete };
const struct subject account_info_by_sip = { .name = "account",
	.path = sip_in_path,
	.key = key_anywhere,
	.find = &accounts_stmts[ACCOUNT_INFO] };
