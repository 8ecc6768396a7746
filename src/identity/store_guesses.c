#include "identity/guesses.h"

#include "pg/pg.h"

enum { GUESS_ADD, GUESS_CLEAR, GUESS_STMTS };

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
