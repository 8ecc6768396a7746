#include "accounts_priv.h"

#include <string.h>

#include "base/sip_address.h"
#include "resources/accounts/account.h"

#include "pg/pg.h"
#include "service/subject_call.h"

enum {
	ACCOUNT_BY_ID,
	ACCOUNT_INFO,
	ACCOUNT_TAKEN,
	ACCOUNT_NEW_TAKEN,
	ACCOUNT_INSERT,
	ACCOUNT_INSERT_PASSWORD,
	ACCOUNT_INSERT_PROVISIONING,
	ACCOUNT_INSERT_CONFIRMATION,
	ACCOUNT_UPDATE,
	ACCOUNT_UPDATE_PASSWORD,
	ACCOUNT_SET_BLOCKED,
	ACCOUNT_SET_ACTIVATED,
	ACCOUNT_ACTIVATE_OWN,
	ACCOUNT_ROTATE_PROVISIONING,
	ACCOUNT_DELETE,
	ACCOUNT_CODES,
	ACCOUNT_FIND, /* + enum account_by */
	ACCOUNT_STMTS = ACCOUNT_FIND + ACCOUNT_BY_COUNT
};

static const struct field taken_fields[] = {
	FIELD_BOOL(account_taken, username),
	FIELD_BOOL(account_taken, tombstone),
	FIELD_BOOL(account_taken, email),
	FIELD_BOOL(account_taken, phone),
	FIELD_BOOL(account_taken, country),
	FIELDS_END,
};

static const struct field codes_fields[] = {
	FIELD_BYTES(account_codes, email),
	FIELD_BYTES(account_codes, phone),
	FIELDS_END,
};

/* What accounts are asked for by; a statement takes of it what it names. */
struct account_query {
	int64_t id;
	const char *domain, *username, *email, *phone, *calling_code;
};
static const struct field query_fields[] = {
	FIELD_INT(account_query, id),
	FIELD_TEXT(account_query, domain),
	FIELD_TEXT(account_query, username),
	FIELD_TEXT(account_query, email),
	FIELD_TEXT(account_query, phone),
	FIELD_TEXT(account_query, calling_code),
	FIELDS_END,
};

/* clang-format off */
#define WRITTEN_FIELDS                                                                              \
	FIELD_TEXT(account_row, username),                                                          \
	FIELD_TEXT(account_row, domain),                                                            \
	FIELD_TEXT(account_row, email),                                                             \
	FIELD_TEXT(account_row, phone),                                                             \
	FIELD_TEXT(account_row, display_name),                                                      \
	FIELD_TEXT(account_row, dtmf_protocol),                                                     \
	FIELD_TRI(account_row, activated),                                                          \
	FIELD_TRI(account_row, admin),                                                              \
	FIELD_TEXT(account_row, user_agent),                                                        \
	FIELD_DICT(account_row, dictionary, .flags = FIELD_KEEP),                                   \
	FIELD_TEXT_AS(account_row, password.ha1, "ha1", .flags = FIELD_COMPUTED | FIELD_SECRET),    \
	FIELD_TEXT_AS(account_row, password.algorithm, "algorithm", .flags = FIELD_COMPUTED),       \
	FIELD_TEXT_AS(account_row, password.other_ha1, "other_ha1",                                 \
		.flags = FIELD_COMPUTED | FIELD_SECRET),                                            \
	FIELD_TEXT_AS(account_row, password.other_algorithm, "other_algorithm",                     \
		.flags = FIELD_COMPUTED)
/* Of a table of its own. */
#define TOKEN_FIELDS(token)                                                                         \
	FIELD_BYTES_AS(account_row, token.hash, #token "_hash", .flags = FIELD_COMPUTED),           \
	FIELD_BYTES_AS(account_row, token.sealed, #token "_sealed", .flags = FIELD_COMPUTED),       \
	FIELD_TIME_AS(account_row, token.expires_at, #token "_expires_at", .flags = FIELD_COMPUTED)
/* clang-format on */

static const struct field insert_fields[] = {
	FIELD_INT(account_row, id, .flags = FIELD_COMPUTED),
	FIELD_TEXT(account_row, calling_code, .flags = FIELD_COMPUTED),
	WRITTEN_FIELDS,
	FIELD_TEXT(account_row, ip_address),
	TOKEN_FIELDS(provisioning),
	TOKEN_FIELDS(confirmation),
	FIELDS_END,
};
static const struct field update_fields[] = {
	FIELD_INT(account_row, id, .flags = FIELD_KEY),
	FIELD_TEXT(account_row, within, .flags = FIELD_COMPUTED),
	WRITTEN_FIELDS,
	FIELD_TRI(account_row, blocked),
	FIELDS_END,
};

static const struct field rotate_fields[] = {
	FIELD_INT(account_row, id, .flags = FIELD_KEY),
	FIELD_TEXT(account_row, within, .flags = FIELD_COMPUTED),
	TOKEN_FIELDS(provisioning),
	FIELD_TEXT(account_row, ip_address),
	FIELD_TEXT(account_row, user_agent),
	FIELDS_END,
};

/* clang-format off */
/* What an account may not have: another one than $id has it already, or it is not accepted. */
#define TAKEN                                                                                       \
	"SELECT EXISTS (SELECT FROM accounts WHERE domain = $domain"                                \
	"   AND (username = $username OR phone = $username) AND id <> $id) AS username,"            \
	" EXISTS (SELECT FROM accounts_tombstones WHERE domain = $domain"                           \
	"   AND username = $username) AS tombstone,"                                                \
	" EXISTS (SELECT FROM accounts WHERE domain = $domain"                                      \
	"   AND lower(email) = lower($email) AND email_rank = 0 AND id <> $id) AS email,"           \
	" EXISTS (SELECT FROM accounts WHERE domain = $domain"                                      \
	"   AND (phone = $phone OR username = $phone) AND id <> $id) AS phone,"                     \
	" EXISTS (SELECT FROM phone_countries WHERE country_code = $calling_code"                   \
	"   AND NOT activated) AS country"
/* clang-format on */

#define QUERY       .in = query_fields, .in_size = sizeof(struct account_query)
#define INSERT      .in = insert_fields, .in_size = sizeof(struct account_row)
#define ACCOUNT_ROW .row = account_fields, .row_size = sizeof(struct account)

/* Finds one account of the domain. */
#define ACCOUNT_FINDER(stmt_name, where)                                                          \
	{                                                                                         \
		.name = stmt_name, SUBJECT_KEY, ACCOUNT_ROW, .rows = PG_MAY_ONE, .of_many = true, \
		.sql = "SELECT {row a} FROM accounts a WHERE a.domain = $domain AND " where,      \
	}

/* Changes what it says of one account of the domain. */
#define ACCOUNT_SETTER(stmt_name, what)                                                     \
	{                                                                                   \
		.name = stmt_name, .in = account_fields, .in_size = sizeof(struct account), \
		ACCOUNT_ROW, .rows = PG_MAY_ONE,                                            \
		.sql = "UPDATE accounts a SET " what ", updated_at = now()"                 \
		       " WHERE id = $id AND domain = $domain RETURNING {row a}",            \
	}

/* One or two, or none. */
#define PASSWORDS_GIVEN                                                                   \
	" (VALUES ($ha1, $algorithm), ($other_ha1, $other_algorithm)) n (ha1, algorithm)" \
	" WHERE n.ha1 IS NOT NULL"

const struct stmt accounts_stmts[ACCOUNT_STMTS + 1] = {
	[ACCOUNT_BY_ID] = ACCOUNT_FINDER("account_by_id", "a.id = $id"),
	[ACCOUNT_INFO] = {
		.name = "account_info",
		SUBJECT_KEY,
		.row = account_info_fields,
		.row_size = sizeof(struct account_info),
		.rows = PG_MAY_ONE,
		.of_many = true,
		.sql = "SELECT {row} FROM accounts WHERE username = $name AND domain = $domain"
		       " AND NOT EXISTS (SELECT FROM spaces e WHERE e.domain = $domain"
		       " AND e.ends IS NOT NULL)",
	},
	[ACCOUNT_TAKEN] = {
		.name = "account_taken",
		QUERY,
		.row = taken_fields,
		.row_size = sizeof(struct account_taken),
		.rows = PG_ONE,
		.sql = TAKEN,
	},
	/* OFFSET 0: else each is looked up twice. */
	[ACCOUNT_NEW_TAKEN] = {
		.name = "account_new_taken",
		QUERY,
		.row = taken_fields,
		.row_size = sizeof(struct account_taken),
		.rows = PG_ONE,
		.sql = "SELECT {row} FROM (" TAKEN " OFFSET 0) w WHERE set_config('dialtone.taken',"
		       " (w.username OR w.tombstone OR w.email OR w.phone OR w.country)::text, true)"
		       " IS NOT NULL",
	},
	/* Only behind it, in one exchange; with those that come with an account, which find it by what its triggers
	 * say.  Cheaper than one statement of four parts, each of which would read the whole row of the first. */
	[ACCOUNT_INSERT] = {
		.name = "account_insert",
		INSERT,
		ACCOUNT_ROW,
		.rows = PG_MAY_ONE,
		.sql = "INSERT INTO accounts AS a ({in}, algorithms, provisioning_sealed,"
		       "  provisioning_expires_at, confirmation_sealed, confirmation_expires_at)"
		       " SELECT {values}, CASE WHEN $ha1 IS NULL THEN '[]' WHEN $other_ha1 IS NULL"
		       "   THEN jsonb_build_array(jsonb_build_object('algorithm', $algorithm))"
		       "   ELSE jsonb_build_array("
		       "    jsonb_build_object('algorithm', least($algorithm, $other_algorithm)),"
		       "    jsonb_build_object('algorithm', greatest($algorithm, $other_algorithm))) END,"
		       "  $provisioning_sealed, $provisioning_expires_at, $confirmation_sealed,"
		       "  $confirmation_expires_at WHERE current_setting('dialtone.taken', true) = 'false'"
		       " RETURNING {row a}",
	},
	[ACCOUNT_INSERT_PASSWORD] = {
		.name = "account_insert_password",
		INSERT,
		.rows = PG_NONE,
		.sql = "INSERT INTO passwords (account_id, password, algorithm)"
		       " SELECT a.id, n.ha1, n.algorithm FROM (SELECT account_made() AS id) a,"
		       PASSWORDS_GIVEN " AND a.id IS NOT NULL",
	},
	[ACCOUNT_INSERT_PROVISIONING] = {
		.name = "account_insert_provisioning",
		INSERT,
		.rows = PG_NONE,
		.sql = "INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed,"
		       "  expires_at, ip, user_agent) SELECT account_made(), $provisioning_hash,"
		       "  $provisioning_sealed, $provisioning_expires_at, $ip_address, $user_agent"
		       " WHERE account_made() IS NOT NULL",
	},
	[ACCOUNT_INSERT_CONFIRMATION] = {
		.name = "account_insert_confirmation",
		INSERT,
		.rows = PG_NONE,
		.sql = "INSERT INTO confirmation_keys (account_id, key_sealed, kind, expires_at)"
		       " SELECT account_made(), $confirmation_sealed, 'email', $confirmation_expires_at"
		       " WHERE account_made() IS NOT NULL",
	},
	[ACCOUNT_UPDATE] = {
		.name = "account_update",
		.in = update_fields,
		.in_size = sizeof(struct account_row),
		ACCOUNT_ROW,
		.rows = PG_MAY_ONE,
		.sql = "UPDATE accounts a SET {set a}, updated_at = now()"
		       " WHERE a.id = $id AND a.domain = $within RETURNING {row a}",
	},
	/* Locks the account first, as everything does that changes both. */
	[ACCOUNT_UPDATE_PASSWORD] = {
		.name = "account_update_password",
		.in = update_fields,
		.in_size = sizeof(struct account_row),
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "WITH a AS (SELECT id FROM accounts WHERE id = $id AND domain = $within"
		       "  FOR NO KEY UPDATE),"
		       " o AS (DELETE FROM passwords USING a"
		       "  WHERE account_id = a.id"
		       "  AND algorithm NOT IN ($algorithm, coalesce($other_algorithm, $algorithm))),"
		       " p AS (INSERT INTO passwords (account_id, password, algorithm)"
		       "  SELECT a.id, n.ha1, n.algorithm FROM a," PASSWORDS_GIVEN
		       "  ON CONFLICT (account_id, algorithm)"
		       "  DO UPDATE SET password = excluded.password)"
		       " SELECT id FROM a",
	},
	[ACCOUNT_SET_BLOCKED] = ACCOUNT_SETTER("account_set_blocked", "blocked = $blocked"),
	[ACCOUNT_ACTIVATE_OWN] = ACCOUNT_SETTER(
		"account_activate_own", "activated = a.activated OR NOT a.deactivated_by_admin"),
	[ACCOUNT_SET_ACTIVATED] = ACCOUNT_SETTER("account_set_activated",
		"activated = $activated, deactivated_by_admin = NOT $activated"),
	/* The account is locked first here, too. */
	[ACCOUNT_ROTATE_PROVISIONING] = {
		.name = "account_rotate_provisioning",
		.in = rotate_fields,
		.in_size = sizeof(struct account_row),
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "WITH a AS (SELECT id FROM accounts WHERE id = $id AND domain = $within"
		       "  FOR NO KEY UPDATE)"
		       " INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed,"
		       "  expires_at, ip, user_agent) SELECT id, $provisioning_hash,"
		       "  $provisioning_sealed, $provisioning_expires_at, $ip_address, $user_agent"
		       "  FROM a ON CONFLICT (account_id) WHERE NOT used DO UPDATE"
		       " SET token_hash = excluded.token_hash, token_sealed = excluded.token_sealed,"
		       "  expires_at = excluded.expires_at, ip = excluded.ip,"
		       "  user_agent = excluded.user_agent, created_at = now()"
		       " RETURNING account_id AS id",
	},
	[ACCOUNT_DELETE] = {
		.name = "account_delete",
		QUERY,
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_MAY_ONE,
		.sql = "DELETE FROM accounts WHERE id = $id AND domain = $domain RETURNING id",
	},
	[ACCOUNT_CODES] = {
		.name = "account_codes",
		.params = { PG_INT },
		.row = codes_fields,
		.row_size = sizeof(struct account_codes),
		.rows = PG_ONE,
		.sql = "SELECT (SELECT code_sealed FROM email_change_codes"
		       "  WHERE account_id = $1 AND code_hash IS NOT NULL) AS email,"
		       " (SELECT code_sealed FROM phone_change_codes"
		       "  WHERE account_id = $1 AND code_hash IS NOT NULL) AS phone",
	},
	[ACCOUNT_FIND + ACCOUNT_BY_USERNAME] =
		ACCOUNT_FINDER("account_by_username", "a.username = $name"),
	[ACCOUNT_FIND + ACCOUNT_BY_EMAIL] = ACCOUNT_FINDER("account_by_email",
		"lower(a.email) = lower($name) ORDER BY a.email_rank LIMIT 1"),
	[ACCOUNT_FIND + ACCOUNT_BY_PHONE] = ACCOUNT_FINDER("account_by_phone",
		"(a.phone = $name OR a.username = $name)"
		" ORDER BY a.phone = $name DESC NULLS LAST LIMIT 1"),
};

/* What is wanted by a row, and whose it may be. */
#define QUERY_OF(r)                                                                    \
	{                                                                              \
		.domain = (r)->domain, .username = (r)->username, .email = (r)->email, \
		.phone = (r)->phone, .calling_code = (r)->calling_code, .id = (r)->id  \
	}

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

enum err account_store_taken(struct service *s, const char *domain,
	const struct account_names *wanted, int64_t self, struct account_taken *ret)
{
	const struct account_query q = { .domain = domain,
		.username = wanted->username,
		.email = wanted->email,
		.phone = wanted->phone,
		.calling_code = wanted->calling_code,
		.id = self };

	return pg_one(s->pg, &accounts_stmts[ACCOUNT_TAKEN], NULL, ret, PG_IN(&q));
}

/* What triggers copy of passwords and tokens into the account comes with it: the row is as it stays. */
enum err account_store_insert(struct service *s, const struct account_row *r, bool last,
	struct account_taken *ret_taken, struct account *ret)
{
	const struct account_query q = QUERY_OF(r);
	struct account_row row = *r;
	const struct pg_call password = { .stmt = &accounts_stmts[ACCOUNT_INSERT_PASSWORD],
		PG_IN(&row) };
	const struct pg_call confirmation = { .stmt = &accounts_stmts[ACCOUNT_INSERT_CONFIRMATION],
		PG_IN(&row) };
	struct pg_call calls[5] = {
		{ .stmt = &accounts_stmts[ACCOUNT_NEW_TAKEN], PG_IN(&q), .ret_row = ret_taken },
		{ .stmt = &accounts_stmts[ACCOUNT_INSERT],
			PG_IN(&row),
			.arena = s->arena,
			.ret_row = ret },
		{ .stmt = &accounts_stmts[ACCOUNT_INSERT_PROVISIONING], PG_IN(&row) },
	};
	size_t n = 3;

	row.dictionary = r->dictionary ? r->dictionary : "{}";
	if (r->password.ha1)
		calls[n++] = password;
	if (r->confirmation.sealed.p)
		calls[n++] = confirmation;
	if (last)
		pg_commit_with_next(s->pg);
	enum err e = pg_together(s->pg, calls, n);

	if (e != ERR_OK || account_is_taken(ret_taken, 0))
		return e;
	if (calls[1].result != ERR_OK)
		return calls[1].result;
	account_row_complete(s->arena, ret);
	return ERR_OK;
}

/* The password comes first, so that what triggers copy of it is in the row that comes back.  What is taken is known
 * when all is done, to be undone. */
enum err account_store_update(struct service *s, const struct account_row *r,
	struct account_taken *ret_taken, struct account *ret)
{
	const struct account_query q = QUERY_OF(r);
	struct pg_id changed;
	const struct pg_call taken = {
		.stmt = &accounts_stmts[ACCOUNT_TAKEN], PG_IN(&q), .ret_row = ret_taken
	};
	const struct pg_call password = {
		.stmt = &accounts_stmts[ACCOUNT_UPDATE_PASSWORD], PG_IN(r), .ret_row = &changed
	};
	const struct pg_call update = {
		.stmt = &accounts_stmts[ACCOUNT_UPDATE], PG_IN(r), .arena = s->arena, .ret_row = ret
	};
	struct pg_call calls[3] = { taken, password, update };
	size_t n = r->password.ha1 ? 3 : 2;

	calls[n - 1] = update;
	enum err e = pg_together(s->pg, calls, n);

	if (calls[0].result == ERR_OK && account_is_taken(ret_taken, r->id))
		return ERR_OK;
	if (e == ERR_OK)
		e = calls[n - 1].result;
	if (e == ERR_OK)
		account_row_complete(s->arena, ret);
	return e;
}

enum err account_store_codes(struct service *s, int64_t id, struct account_codes *ret)
{
	return pg_one(s->pg, &accounts_stmts[ACCOUNT_CODES], s->arena, ret, PG_VALUES(pg_int(id)));
}

enum err account_set_password(
	struct service *s, const char *domain, int64_t id, const struct account_ha1 *password)
{
	const struct account_row row = { .id = id, .within = domain, .password = *password };
	struct pg_id changed;

	return pg_one(s->pg, &accounts_stmts[ACCOUNT_UPDATE_PASSWORD], NULL, &changed, PG_IN(&row));
}

enum err account_store_delete(struct service *s, const char *domain, int64_t id)
{
	const struct account_query q = { .id = id, .domain = domain };
	struct pg_id gone;

	return pg_one(s->pg, &accounts_stmts[ACCOUNT_DELETE], NULL, &gone, PG_IN(&q));
}

static enum err set(struct service *s, int stmt, const struct account *wanted, struct account *ret)
{
	enum err e = pg_one(s->pg, &accounts_stmts[stmt], s->arena, ret, PG_IN(wanted));

	if (e == ERR_OK)
		account_row_complete(s->arena, ret);
	return e;
}

enum err account_store_set_blocked(
	struct service *s, const struct account *a, bool blocked, struct account *ret)
{
	struct account wanted = *a;

	wanted.blocked = blocked;
	return set(s, ACCOUNT_SET_BLOCKED, &wanted, ret);
}

enum err account_store_activate_own(struct service *s, const struct account *a, struct account *ret)
{
	return set(s, ACCOUNT_ACTIVATE_OWN, a, ret);
}

enum err account_store_set_activated(
	struct service *s, const struct account *a, bool activated, struct account *ret)
{
	struct account wanted = *a;

	wanted.activated = activated;
	return set(s, ACCOUNT_SET_ACTIVATED, &wanted, ret);
}

enum err account_store_rotate_provisioning(
	struct service *s, const struct account_row *row, struct account *ret)
{
	const struct subject_key key = { .id = row->id, .domain = row->within };
	struct pg_id owner;
	struct pg_call calls[] = {
		{ .stmt = &accounts_stmts[ACCOUNT_ROTATE_PROVISIONING],
			PG_IN(row),
			.ret_row = &owner },
		{ .stmt = &accounts_stmts[ACCOUNT_BY_ID],
			PG_IN(&key),
			.arena = s->arena,
			.ret_row = ret },
	};
	enum err e = pg_together(s->pg, calls, 2);

	if (e == ERR_OK)
		e = calls[1].result;
	if (e == ERR_OK)
		account_row_complete(s->arena, ret);
	return e;
}

enum err account_complete(struct service *s, void *row)
{
	account_row_complete(s->arena, row);
	return account_open(s, row);
}

/* "user@domain", with or without "sip:"; anything else is the address of no account
 * (accounts-api 1.1). */
static const struct text *sip_check(struct str s)
{
	return memchr(s.p, '@', s.n) ? NULL : &text_format;
}

static const char *cut_domain(struct subject_key *k, struct arena *arena)
{
	const struct sip_address address = sip_address_from_uri(arena, str_from(k->name));

	k->name = address.user;
	return address.domain ? address.domain : "";
}

enum err account_key_in_space(struct subject_key *k, struct arena *arena)
{
	return strcmp(cut_domain(k, arena), k->domain) == 0 ? ERR_OK : ERR_NOT_FOUND;
}

enum err account_key_anywhere(struct subject_key *k, struct arena *arena)
{
	k->domain = cut_domain(k, arena);
	return ERR_OK;
}

static const struct field id_in_path[] = {
	ACCOUNT_ID_IN_PATH,
	FIELDS_END,
};
const struct field account_sip_in_path[] = {
	FIELD_TEXT_AS(subject_key, name, "sip", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.check = sip_check, .doc = "user@domain", .example = "alice@sip.example.org"),
	FIELDS_END,
};

const struct subject account_subject = { .name = "account",
	.path = id_in_path,
	.find = &accounts_stmts[ACCOUNT_BY_ID],
	.complete = account_complete };
const struct subject account_by_sip = { .name = "account",
	.path = account_sip_in_path,
	.key = account_key_in_space,
	.find = &accounts_stmts[ACCOUNT_FIND + ACCOUNT_BY_USERNAME],
	.complete = account_complete };
const struct subject account_by_sip_phone = { .name = "account",
	.path = account_sip_in_path,
	.key = account_key_in_space,
	.find = &accounts_stmts[ACCOUNT_FIND + ACCOUNT_BY_PHONE],
	.complete = account_complete };
const struct subject account_info_by_sip = { .name = "account",
	.path = account_sip_in_path,
	.key = account_key_in_space,
	.find = &accounts_stmts[ACCOUNT_INFO] };
