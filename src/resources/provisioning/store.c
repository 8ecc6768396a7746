#include "provisioning_priv.h"

#include "crypto/hash.h"
#include "pg/pg.h"
#include "service/subject_call.h"

enum {
	PROVISIONING_BASE,
	PROVISIONING_ACCOUNT,
	PROVISIONING_OWN,
	PROVISIONING_TAKE,
	PROVISIONING_STATE,
	PROVISIONING_STMTS
};

/* clang-format off */
#define APP_SWITCH(name, what) FIELD_BOOL(provisioned, name, .column = "s." #name),
#define SPACE_COLUMNS                                                                               \
	FIELD_TEXT(provisioned, space_domain, .column = "s.domain"),                                \
	FIELD_TEXT(provisioned, entries, .column = "s.custom_provisioning_entries"),                \
	FIELD_TEXT(provisioned, default_algorithm, .column = "s.default_password_algorithm"),       \
	FIELD_BOOL(provisioned, overwrite, .column = "s.custom_provisioning_overwrite_all"),        \
	FIELD_INT(provisioned, max_account, .column = "s.max_account"),                             \
	SPACE_APP_SWITCHES(APP_SWITCH)                                                              \
	FIELDS_END
/* clang-format on */

static const struct field base_fields[] = { SPACE_COLUMNS };
static const struct field account_fields[] = {
	FIELD_INT(provisioned, account_id, .column = "a.id"),
	FIELD_TEXT(provisioned, username, .column = "a.username"),
	FIELD_TEXT(provisioned, domain, .column = "a.domain"),
	FIELD_TEXT(provisioned, realm, .column = "coalesce(a.space_realm, a.domain)"),
	FIELD_TEXT(provisioned, display_name, .column = "a.display_name"),
	FIELD_TEXT(provisioned, md5, .column = "m.password", .flags = FIELD_SECRET),
	FIELD_TEXT(provisioned, sha256, .column = "h.password", .flags = FIELD_SECRET),
	FIELD_BOOL(provisioned, second_factor,
		.column = "(a.two_factor OR a.must_enrol_at IS NOT NULL)"),
	SPACE_COLUMNS,
};
static const struct field state_fields[] = {
	FIELD_BOOL(provisioning_state, used, .column = "t.used"),
	FIELD_BOOL(provisioning_state, expired, .column = "(t.expires_at <= now()) IS TRUE"),
	FIELDS_END,
};

#define HASH        "decode($name, 'hex')"
#define SPACE_ROW   .row = base_fields, .row_size = sizeof(struct provisioned)
#define ACCOUNT_ROW .row = account_fields, .row_size = sizeof(struct provisioned)
#define OF_ACCOUNT                                                              \
	" JOIN spaces s ON s.domain = a.domain AND s.ends IS NULL"              \
	" LEFT JOIN passwords m ON m.account_id = a.id AND m.algorithm = 'MD5'" \
	" LEFT JOIN passwords h ON h.account_id = a.id AND h.algorithm = 'SHA-256'"

const struct stmt provisioning_stmts[PROVISIONING_STMTS + 1] = {
	[PROVISIONING_BASE] = {
		.name = "provisioning_base",
		SUBJECT_KEY,
		SPACE_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row s} FROM spaces s WHERE s.domain = $domain AND s.ends IS NULL",
	},
	[PROVISIONING_ACCOUNT] = {
		.name = "provisioning_account",
		.params = { PG_INT },
		ACCOUNT_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a} FROM accounts a" OF_ACCOUNT " WHERE a.id = $1",
	},
	[PROVISIONING_OWN] = {
		.name = "provisioning_own",
		SUBJECT_KEY,
		ACCOUNT_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a} FROM accounts a" OF_ACCOUNT " WHERE a.id = " SUBJECT_CALLER,
	},
	/* The account is locked first, as by everything that changes both.  Those that wait for it find
	 * the token used. */
	[PROVISIONING_TAKE] = {
		.name = "provisioning_take",
		SUBJECT_KEY,
		ACCOUNT_ROW,
		.rows = PG_MAY_ONE,
		.sql = "WITH l AS (SELECT id FROM accounts WHERE id = (SELECT account_id"
		       "   FROM provisioning_tokens WHERE token_hash = " HASH ")"
		       "  AND domain = $domain AND NOT blocked FOR NO KEY UPDATE),"
		       " t AS (UPDATE provisioning_tokens t SET used = true FROM l"
		       "  WHERE t.token_hash = " HASH " AND t.account_id = l.id AND NOT t.used"
		       "  AND (t.expires_at <= now()) IS NOT TRUE RETURNING t.account_id),"
		       " u AS (UPDATE accounts o SET activated = true, updated_at = now() FROM t"
		       "  WHERE o.id = t.account_id AND NOT o.activated"
		       "  AND NOT o.deactivated_by_admin)"
		       " SELECT {row a} FROM t JOIN accounts a ON a.id = t.account_id" OF_ACCOUNT,
	},
	[PROVISIONING_STATE] = {
		.name = "provisioning_state",
		SUBJECT_KEY,
		.row = state_fields,
		.row_size = sizeof(struct provisioning_state),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row t} FROM provisioning_tokens t"
		       " JOIN accounts a ON a.id = t.account_id"
		       " WHERE t.token_hash = " HASH " AND a.domain = $domain AND NOT a.blocked",
	},
};

enum err provisioning_store_base(struct service *s, const char *domain, struct provisioned *ret)
{
	const struct subject_key key = { .domain = domain };

	return pg_one(s->pg, &provisioning_stmts[PROVISIONING_BASE], s->arena, ret, PG_IN(&key));
}

enum err provisioning_store_account(struct service *s, int64_t account_id, struct provisioned *ret)
{
	return pg_one(s->pg, &provisioning_stmts[PROVISIONING_ACCOUNT], s->arena, ret,
		PG_VALUES(pg_int(account_id)));
}

enum err provisioning_store_take(
	struct service *s, const char *domain, const char *hash, struct provisioned *ret)
{
	const struct subject_key key = { .domain = domain, .name = hash };

	return pg_one(s->pg, &provisioning_stmts[PROVISIONING_TAKE], s->arena, ret, PG_IN(&key));
}

enum err provisioning_store_state(
	struct service *s, const char *domain, const char *hash, struct provisioning_state *ret)
{
	const struct subject_key key = { .domain = domain, .name = hash };

	return pg_one(s->pg, &provisioning_stmts[PROVISIONING_STATE], NULL, ret, PG_IN(&key));
}

static enum err key_of_token(struct subject_key *k, struct arena *arena)
{
	if (!k->name)
		return ERR_NOT_FOUND;
	k->name = hash_text_hex(arena, k->name);
	return ERR_OK;
}

static const struct field token_in_path[] = {
	FIELD_TEXT_AS(subject_key, name, "provisioning_token", .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED | FIELD_SECRET, .max = PROVISIONING_TOKEN_MAX,
		.doc = "The provisioning token of an account", .example = "x2Zr6ApQm0LbC"),
	FIELDS_END,
};
static const struct field nothing_in_path[] = { FIELDS_END };

const struct subject provisioning_of_space = {
	.name = "space", .path = nothing_in_path, .find = &provisioning_stmts[PROVISIONING_BASE]
};
const struct subject provisioning_own = { .name = "account",
	.path = nothing_in_path,
	.find = &provisioning_stmts[PROVISIONING_OWN],
	.of_caller = true };
const struct subject provisioning_by_path = { .name = "provisioning token",
	.path = token_in_path,
	.key = key_of_token,
	.find = &provisioning_stmts[PROVISIONING_STATE] };
