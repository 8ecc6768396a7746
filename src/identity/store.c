#include "identity_priv.h"
#include "identity/prove.h"
#include "service/subject_call.h"

#include "pg/pg.h"
#include "service/columns.h"

enum {
	IDENTITY_BY_KEY,
	IDENTITY_BY_KEY_WITH_ACCOUNT,
	IDENTITY_BY_SESSION,
	IDENTITY_BY_SESSION_WITH_ACCOUNT,
	IDENTITY_BY_ADDRESS,
	IDENTITY_BY_EMAIL,
	IDENTITY_CREDENTIALS,
	IDENTITY_LOGIN,
	NONCE_ADVANCE,
	IDENTITY_STMTS
};

/* The identity, and behind it the account where the statement has one. */
struct identity_row {
	struct identity who;
	struct account account;
	bool left; /* the caller, for what is looked up with it */
};

/* clang-format off */
/* What stands in the account is not read twice. */
#define SPACE_FIELDS IDENTITY_SPACE_FIELDS(identity_row, who.)
/* $1: whether something behind it asks for SUBJECT_CALLER. */
#define LEFT_FIELD                                                                                  \
	FIELD_BOOL_AS(identity_row, left, "left_behind",                                            \
		.column = "CASE WHEN $1 THEN set_config('" SUBJECT_CALLER_SETTING                   \
			  "', a.id::text, true) IS NOT NULL END")
#define SESSION_FIELDS                                                                              \
	FIELD_TEXT_AS(identity_row, who.audience, "audience", .column = "se.audience"),             \
	FIELD_BOOL_AS(identity_row, who.two_factor, "two_factor", .column = "se.two_factor"),       \
	FIELD_BOOL_AS(identity_row, who.otp_verified, "otp_verified",                               \
		.column = "se.otp_verified"),                                                       \
	FIELD_BOOL_AS(identity_row, who.must_enrol, "must_enrol",                                   \
		.column = "NOT se.otp_verified AND " MUST_ENROL),                                   \
	FIELD_BOOL_AS(identity_row, who.replaced, "replaced",                                       \
		.column = "se.replaced_by IS NOT NULL"),                                            \
	FIELD_TIME_AS(identity_row, who.expires_at, "expires_at", .column = "se.expires_at")
/* Without an account the same look-ups are made, and find nothing: an index is not even opened for NULL. */
#define ID "coalesce(a.id, 0)"
/* No join: each would describe all columns of those before it once more. */
#define PASSWORD_OF(algorithm)                                                                      \
	"(SELECT password FROM passwords WHERE account_id = " ID " AND algorithm = '" algorithm "')"
#define PASSWORD_FIELDS(st, p)                                                                      \
	FIELD_TEXT_AS(st, p md5, "md5", .column = PASSWORD_OF("MD5"), .flags = FIELD_SECRET),       \
	FIELD_TEXT_AS(st, p sha256, "sha256", .column = PASSWORD_OF("SHA-256"),                     \
		.flags = FIELD_SECRET)
#define KNOWN "(n.last_success > now() - interval '30 days') IS TRUE"
#define LOCK_FIELDS(st, p)                                                                          \
	FIELD_BOOL_AS(st, p lock.failed, "failed", .column = "g.failed"),                           \
	FIELD_BOOL_AS(st, p lock.network_known, "network_known", .column = KNOWN),                  \
	FIELD_BOOL_AS(st, p lock.seen_today, "seen_today",                                          \
		.column = "(n.last_success > now() - interval '1 day') IS TRUE"),                   \
	FIELD_INT_AS(st, p lock.wait_s, "wait_s",                                                   \
		.column = "greatest(g.pair_wait_s, CASE WHEN " KNOWN                                \
			  " THEN 0 ELSE g.wide_wait_s END)"),                                       \
	FIELD_INT_AS(st, p lock.pair_wait_s, "pair_wait_s", .column = "g.pair_wait_s"),             \
	FIELD_INT_AS(st, p lock.wide_wait_s, "wide_wait_s", .column = "g.wide_wait_s")

static const struct field key_fields[] = {
	IDENTITY_FIELDS(identity_row, who.), LEFT_FIELD, FIELDS_END };
static const struct field key_account_fields[] = {
	SPACE_FIELDS, ACCOUNT_FIELDS(identity_row, account.), LEFT_FIELD, FIELDS_END };
static const struct field session_fields[] = {
	IDENTITY_FIELDS(identity_row, who.), SESSION_FIELDS, LEFT_FIELD, FIELDS_END };
static const struct field session_account_fields[] = {
	SPACE_FIELDS, SESSION_FIELDS, ACCOUNT_FIELDS(identity_row, account.), LEFT_FIELD, FIELDS_END };
static const struct field credentials_fields[] = {
	IDENTITY_FIELDS(credentials, who.),
	IDENTITY_EXPIRED_FIELD(credentials, who.),
	PASSWORD_FIELDS(credentials, ),
	LOCK_FIELDS(credentials, ),
	FIELD_TEXT(credentials, display_name),
	FIELDS_END };

static const struct field login_fields[] = {
	IDENTITY_FIELDS(login_row, credentials.who.),
	IDENTITY_EXPIRED_FIELD(login_row, credentials.who.),
	PASSWORD_FIELDS(login_row, credentials.),
	LOCK_FIELDS(login_row, credentials.),
	FIELD_BOOL(login_row, two_factor),
	FIELD_BOOL(login_row, must_enrol, .column = MUST_ENROL),
	FIELD_BOOL(login_row, required, .column = "a.must_enrol_at IS NOT NULL"),
	FIELDS_END };

static const struct field query_fields[] = {
	FIELD_TEXT(login_query, username),
	FIELD_TEXT(login_query, domain),
	FIELD_TEXT(login_query, network),
	FIELD_TEXT(login_query, pair),
	FIELD_TEXT(login_query, total),
	FIELD_TEXT(login_query, address),
	FIELD_INT(login_query, pair_limit),
	FIELD_INT(login_query, total_limit),
	FIELD_INT(login_query, address_limit),
	FIELDS_END };

/* No join: its row would be described and copied once more. */
#define KEY_FROM                                                                                    \
	" FROM accounts a WHERE a.id = (SELECT k.account_id FROM (SELECT *,"                        \
	" coalesce(expires_after_last_used_minutes, $4) AS minutes FROM api_keys) k"                \
	" WHERE k.key_hash = $2 AND (k.ip IS NULL OR k.ip = $3) AND (k.minutes = 0 OR"              \
	" coalesce(k.last_used_at, k.created_at) + make_interval(mins => k.minutes::int) > now()))"

/* OFFSET 0: else a plan for few sessions walks the accounts, as far as that of the session. */
#define SESSION_FROM                                                                                \
	" FROM sessions se CROSS JOIN LATERAL"                                                      \
	" (SELECT * FROM accounts WHERE id = se.account_id OFFSET 0) a"                             \
	" WHERE se.jti = $2 AND (se.revoked_at IS NULL OR se.revoked_at > now())"                   \
	" AND se.expires_at > now() AND " SESSION_HOLDS
/* What is counted, one row; a lock of the network or of the account as a whole is told apart from one of
 * both together, which no known network opens. */
#define GUESSES                                                                                     \
	"(SELECT coalesce(bool_or(subject = $pair), false) AS failed,"                              \
	"  coalesce(max(wait_s) FILTER (WHERE subject = $pair), 0) AS pair_wait_s,"                 \
	"  coalesce(max(wait_s) FILTER (WHERE subject <> $pair), 0) AS wide_wait_s"                 \
	"  FROM (SELECT subject, CASE WHEN failures >= CASE subject WHEN $pair THEN $pair_limit"    \
	"    WHEN $total THEN $total_limit ELSE $address_limit END"                                 \
	"   THEN ceil(extract(epoch FROM ends_at - now()))::bigint ELSE 0 END AS wait_s"            \
	"   FROM guesses WHERE subject IN ($pair, $total, $address) AND ends_at > now()) w) g"
/* Those of a space that was deleted may still be there. */
#define OF_A_SPACE                                                                                  \
	" AND NOT EXISTS (SELECT FROM spaces e WHERE e.domain = $domain AND e.ends IS NOT NULL)"
#define KNOWN_JOIN                                                                                  \
	" LEFT JOIN known_networks n ON n.account_id = " ID " AND n.network = $network"
/* clang-format on */

struct nonce_use {
	const char *nonce;
	int64_t nc, expires_at;
};
static const struct field nonce_fields[] = {
	FIELD_TEXT(nonce_use, nonce),
	FIELD_INT(nonce_use, nc),
	FIELD_TIME(nonce_use, expires_at),
	FIELDS_END,
};

const struct stmt identity_stmts[IDENTITY_STMTS + 1] = {
	[IDENTITY_BY_KEY] = {
		.name = "identity_by_key",
		.params = { PG_BOOL, PG_BYTES, PG_INET, PG_INT },
		.row = key_fields,
		.row_size = sizeof(struct identity_row),
		.rows = PG_MAY_ONE,
		.of_many = true,
		.sql = "SELECT {row a}" KEY_FROM,
	},
	[IDENTITY_BY_KEY_WITH_ACCOUNT] = {
		.name = "identity_by_key_with_account",
		.params = { PG_BOOL, PG_BYTES, PG_INET, PG_INT },
		.row = key_account_fields,
		.row_size = sizeof(struct identity_row),
		.rows = PG_MAY_ONE,
		.of_many = true,
		.sql = "SELECT {row a}" KEY_FROM,
	},
	[IDENTITY_BY_SESSION] = {
		.name = "identity_by_session",
		.params = { PG_BOOL, PG_TEXT },
		.row = session_fields,
		.row_size = sizeof(struct identity_row),
		.rows = PG_MAY_ONE,
		.of_many = true,
		.sql = "SELECT {row a}" SESSION_FROM,
	},
	[IDENTITY_BY_SESSION_WITH_ACCOUNT] = {
		.name = "identity_by_session_with_account",
		.params = { PG_BOOL, PG_TEXT },
		.row = session_account_fields,
		.row_size = sizeof(struct identity_row),
		.rows = PG_MAY_ONE,
		.of_many = true,
		.sql = "SELECT {row a}" SESSION_FROM,
	},
	[IDENTITY_BY_ADDRESS] = {
		.name = "identity_by_address",
		.params = { PG_BOOL, PG_TEXT, PG_TEXT },
		.row = key_fields,
		.row_size = sizeof(struct identity_row),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a} FROM accounts a WHERE a.domain = $2 AND a.username = $3",
	},
	[IDENTITY_BY_EMAIL] = {
		.name = "identity_by_email",
		.params = { PG_BOOL, PG_TEXT, PG_TEXT },
		.row = key_fields,
		.row_size = sizeof(struct identity_row),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a} FROM accounts a WHERE a.domain = $2"
		       " AND lower(a.email) = lower($3) AND NOT EXISTS (SELECT FROM accounts b"
		       "  WHERE b.domain = $2 AND lower(b.email) = lower($3) AND b.id <> a.id)",
	},
	[IDENTITY_CREDENTIALS] = {
		.name = "identity_credentials",
		.in = query_fields,
		.in_size = sizeof(struct login_query),
		.row = credentials_fields,
		.row_size = sizeof(struct credentials),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a} FROM " GUESSES " CROSS JOIN accounts a" KNOWN_JOIN
		       " WHERE a.username = $username AND a.domain = $domain" OF_A_SPACE,
	},
	[IDENTITY_LOGIN] = {
		.name = "identity_login",
		.in = query_fields,
		.in_size = sizeof(struct login_query),
		.row = login_fields,
		.row_size = sizeof(struct login_row),
		.rows = PG_ONE,
		.sql = "SELECT {row a}"
		       " FROM " GUESSES
		       " LEFT JOIN accounts a ON a.username = $username AND a.domain = $domain"
		       OF_A_SPACE KNOWN_JOIN,
	},
	[NONCE_ADVANCE] = {
		.name = "nonce_advance",
		.in = nonce_fields,
		.in_size = sizeof(struct nonce_use),
		.rows = PG_NONE,
		.sql = "INSERT INTO digest_nonces AS n ({in}) VALUES ({values})"
		       " ON CONFLICT (nonce) DO UPDATE SET nc = excluded.nc WHERE n.nc < excluded.nc",
	},
};

/* What the statements with an account do not say twice. */
static void take_from_account(struct identity *who, struct account *a)
{
	who->account_id = a->id;
	who->username = a->username;
	who->domain = a->domain;
	who->realm = a->realm ? a->realm : a->domain;
	who->admin = a->admin;
	who->blocked = a->blocked;
	who->account = a;
}

/* The identity for the caller, the account in the arena when it is there. */
static enum err found(enum err e, struct arena *arena, struct identity_row *row, bool with_account,
	enum identity_method method, struct identity *ret)
{
	if (e != ERR_OK)
		return e;
	*ret = row->who;
	ret->method = method;
	if (with_account) {
		account_row_complete(arena, &row->account);
		take_from_account(ret, &row->account);
	}
	return ERR_OK;
}

/* A statement and its values, ready to be asked. */
struct question {
	struct pg_value values[4];
	struct pg_call call;
};

static void question_init(struct service *s, int stmt, size_t n, struct question *q)
{
	q->call = (struct pg_call){
		.stmt = &identity_stmts[stmt], .values = q->values, .n = n, .arena = s->arena
	};
}

static void ask_by_key(struct service *s, struct str hash, int64_t own_minutes, bool with_account,
	const struct subject_lookup *also, struct question *ret)
{
	*ret = (struct question){ { pg_bool(subject_is_of_caller(also)), pg_bytes(hash.p, hash.n),
		pg_inet(s->client.ip), pg_int(own_minutes) } };
	question_init(s, with_account ? IDENTITY_BY_KEY_WITH_ACCOUNT : IDENTITY_BY_KEY, 4, ret);
}

static void ask_by_session(struct service *s, const char *jti, bool with_account,
	const struct subject_lookup *also, struct question *ret)
{
	*ret = (struct question){ { pg_bool(subject_is_of_caller(also)), pg_text(jti) } };
	question_init(
		s, with_account ? IDENTITY_BY_SESSION_WITH_ACCOUNT : IDENTITY_BY_SESSION, 2, ret);
}

enum err identity_store_by_key(struct service *s, struct str hash, int64_t own_minutes,
	bool with_account, struct subject_lookup *also, struct identity *ret)
{
	struct identity_row *row = arena_alloc(s->arena, sizeof(*row));
	struct question q;

	ask_by_key(s, hash, own_minutes, with_account, also, &q);
	q.call.ret_row = row;
	enum err e = subject_call_with(s, &q.call, also, SUBJECT_CALLER_IS_LEFT);

	return found(e, s->arena, row, with_account, IDENTITY_KEY, ret);
}

void identity_store_by_key_ahead(struct service *s, struct str hash, int64_t own_minutes,
	bool with_account, struct subject_lookup *also)
{
	struct question q;

	ask_by_key(s, hash, own_minutes, with_account, also, &q);
	subject_call_ahead(s, &q.call, also);
}

void identity_store_by_session_ahead(
	struct service *s, const char *jti, bool with_account, struct subject_lookup *also)
{
	struct question q;

	ask_by_session(s, jti, with_account, also, &q);
	subject_call_ahead(s, &q.call, also);
}

enum err identity_store_by_session(struct service *s, const char *jti, bool with_account,
	struct subject_lookup *also, struct identity *ret)
{
	struct identity_row *row = arena_alloc(s->arena, sizeof(*row));
	struct question q;

	ask_by_session(s, jti, with_account, also, &q);
	q.call.ret_row = row;
	enum err e = subject_call_with(s, &q.call, also, SUBJECT_CALLER_IS_LEFT);

	row->who.jti = arena_strdup(s->arena, jti);
	return found(e, s->arena, row, with_account, IDENTITY_JWT, ret);
}

/* The token it came with is no session of ours. */
static enum err vouched_for(struct service *s, int stmt, const char *domain, const char *value,
	struct subject_lookup *also, struct identity *ret)
{
	struct identity_row *row = arena_alloc(s->arena, sizeof(*row));
	struct pg_call call = { .stmt = &identity_stmts[stmt],
		PG_VALUES(pg_bool(subject_is_of_caller(also)), pg_text(domain), pg_text(value)),
		.arena = s->arena,
		.ret_row = row };
	enum err e = subject_call_with(s, &call, also, SUBJECT_CALLER_IS_LEFT);

	row->who.jti = "";
	row->who.from_provider = true;
	return found(e, s->arena, row, false, IDENTITY_JWT, ret);
}

enum err identity_by_address(struct service *s, const char *domain, const char *username,
	struct subject_lookup *also, struct identity *ret)
{
	return vouched_for(s, IDENTITY_BY_ADDRESS, domain, username, also, ret);
}

enum err identity_by_email(struct service *s, const char *domain, const char *email,
	struct subject_lookup *also, struct identity *ret)
{
	return vouched_for(s, IDENTITY_BY_EMAIL, domain, email, also, ret);
}

enum err identity_credentials(struct service *s, const char *username, const char *domain,
	struct subject_lookup *also, struct credentials *ret)
{
	struct login_query q;
	struct pg_call call = {
		.stmt = &identity_stmts[IDENTITY_CREDENTIALS],
		PG_IN(&q),
		.arena = s->arena,
		.ret_row = ret,
	};

	login_query_init(s, username, domain, &q);
	/* Nothing is proved yet: what is the caller's has to wait. */
	return subject_call_with(s, &call, also, SUBJECT_CALLER_IS_UNKNOWN);
}

enum err identity_store_login(struct service *s, const struct login_query *q, struct login_row *ret)
{
	return pg_one(s->pg, &identity_stmts[IDENTITY_LOGIN], s->arena, ret, PG_IN(q));
}

enum err nonce_store_advance(struct service *s, const char *nonce, int64_t nc, int64_t expires_at)
{
	const struct nonce_use use = { nonce, nc, expires_at };

	return pg_change(s->pg, &identity_stmts[NONCE_ADVANCE], ERR_CONFLICT, PG_IN(&use));
}
