#include "identity_priv.h"
#include "identity/guesses.h"

#include "pg/pg.h"

enum { GUESS_ADD, GUESS_CLEAR, GUESS_CLEAR_BELOW, GUESS_WAIT, KNOWN_NETWORK_ADD, GUESS_STMTS };

static const struct field count_fields[] = {
	FIELD_INT(guess_count, failures),
	FIELD_INT(guess_count, wait_s),
	FIELD_TIME(guess_count, ends_at),
	FIELDS_END,
};

struct guess {
	const char *subject;
	int64_t limit, seconds, doublings;
};
static const struct field guess_fields[] = {
	FIELD_TEXT(guess, subject),
	FIELD_INT(guess, limit),
	FIELD_INT(guess, seconds),
	FIELD_INT(guess, doublings),
	FIELDS_END,
};

struct wait {
	int64_t wait_s;
};
static const struct field wait_fields[] = { FIELD_INT(wait, wait_s), FIELDS_END };

struct known_network {
	int64_t account_id;
	const char *network;
};
static const struct field known_fields[] = {
	FIELD_INT(known_network, account_id),
	FIELD_TEXT(known_network, network),
	FIELDS_END,
};
#define GUESS .in = guess_fields, .in_size = sizeof(struct guess)

const struct stmt identity_guesses_stmts[GUESS_STMTS + 1] = {
	[GUESS_ADD] = {
		.name = "guess_add",
		GUESS,
		.row = count_fields,
		.row_size = sizeof(struct guess_count),
		.rows = PG_ONE,
		.sql = "INSERT INTO guesses AS g (subject, failures, ends_at)"
		       " VALUES ($subject, 1, now() + make_interval(secs => $seconds))"
		       " ON CONFLICT (subject) DO UPDATE SET"
		       " failures = CASE WHEN g.ends_at <= now() THEN 1 ELSE g.failures + 1 END,"
		       " locks = CASE WHEN g.ends_at < now() - interval '1 day' THEN 0"
		       "  WHEN g.ends_at > now() AND g.failures + 1 = $limit THEN g.locks + 1"
		       "  ELSE g.locks END,"
		       " ends_at = CASE WHEN g.ends_at <= now() THEN excluded.ends_at"
		       "  WHEN g.failures + 1 = $limit"
		       "  THEN now() + make_interval(secs => $seconds * 2 ^ least(g.locks, $doublings))"
		       "  ELSE g.ends_at END"
		       " RETURNING failures, ceil(extract(epoch FROM ends_at - now()))::bigint AS wait_s,"
		       " ends_at",
	},
	[GUESS_CLEAR] = {
		.name = "guess_clear",
		GUESS,
		.rows = PG_NONE,
		.sql = "DELETE FROM guesses WHERE subject = $subject",
	},
	[GUESS_CLEAR_BELOW] = {
		.name = "guess_clear_below",
		GUESS,
		.rows = PG_NONE,
		/* '0' is the byte after '/'. */
		.sql = "DELETE FROM guesses WHERE subject = $subject"
		       " OR (subject > $subject || '/' AND subject < $subject || '0')",
	},
	[GUESS_WAIT] = {
		.name = "guess_wait",
		GUESS,
		.row = wait_fields,
		.row_size = sizeof(struct wait),
		.rows = PG_ONE,
		.sql = "SELECT coalesce(max(ceil(extract(epoch FROM ends_at - now()))::bigint), 0)"
		       " AS wait_s FROM guesses"
		       " WHERE subject = $subject AND failures >= $limit AND ends_at > now()",
	},
	[KNOWN_NETWORK_ADD] = {
		.name = "known_network_add",
		.in = known_fields,
		.in_size = sizeof(struct known_network),
		.rows = PG_NONE,
		.sql = "WITH old AS (DELETE FROM known_networks WHERE account_id = $account_id"
		       " AND network IN (SELECT network FROM known_networks"
		       "  WHERE account_id = $account_id AND network <> $network"
		       "  ORDER BY last_success DESC OFFSET 19))"
		       " INSERT INTO known_networks AS k (account_id, network, last_success)"
		       " SELECT a.id, $network, now() FROM accounts a WHERE a.id = $account_id"
		       " ON CONFLICT (account_id, network) DO UPDATE SET last_success = now()",
	},
};

enum err guess_add(struct service *s, const char *subject, const struct guess_rule *rule,
	struct guess_count *ret)
{
	const struct guess g = { .subject = subject,
		.limit = rule->limit,
		.seconds = rule->seconds,
		.doublings = rule->doublings };

	return pg_one(s->pg, &identity_guesses_stmts[GUESS_ADD], NULL, ret, PG_IN(&g));
}

enum err guess_clear(struct service *s, const char *subject)
{
	const struct guess g = { .subject = subject };

	return pg_run(s->pg, &identity_guesses_stmts[GUESS_CLEAR], NULL, PG_IN(&g));
}

enum err guess_clear_below(struct service *s, const char *subject)
{
	const struct guess g = { .subject = subject };

	return pg_run(s->pg, &identity_guesses_stmts[GUESS_CLEAR_BELOW], NULL, PG_IN(&g));
}

enum err guess_wait(struct service *s, const char *subject, int64_t limit, int64_t *ret_wait_s)
{
	const struct guess g = { .subject = subject, .limit = limit };
	struct wait row;
	enum err e = pg_one(s->pg, &identity_guesses_stmts[GUESS_WAIT], NULL, &row, PG_IN(&g));

	if (e == ERR_OK)
		*ret_wait_s = row.wait_s;
	return e;
}

enum err known_network_add(struct service *s, int64_t account_id, const char *network)
{
	const struct known_network k = { account_id, network };

	return pg_run(s->pg, &identity_guesses_stmts[KNOWN_NETWORK_ADD], NULL, PG_IN(&k));
}
