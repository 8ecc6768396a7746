#include "identity/guesses.h"

#include "pg/pg.h"

enum { GUESS_ADD, GUESS_CLEAR, GUESS_STMTS };

static const struct field count_fields[] = {
	FIELD_INT(guess_count, failures),
	FIELD_INT(guess_count, wait_s),
	FIELD_TIME(guess_count, ends_at),
	FIELDS_END,
};

const struct stmt identity_guesses_stmts[GUESS_STMTS + 1] = {
	[GUESS_ADD] = {
		.name = "guess_add",
		.params = { PG_TEXT, PG_INT, PG_INT, PG_INT },
		.row = count_fields,
		.row_size = sizeof(struct guess_count),
		.rows = PG_ONE,
		.sql = "INSERT INTO guesses AS g (subject, failures, ends_at)"
		       " VALUES ($1, 1, now() + make_interval(secs => $3))"
		       " ON CONFLICT (subject) DO UPDATE SET"
		       " failures = CASE WHEN g.ends_at <= now() THEN 1 ELSE g.failures + 1 END,"
		       " locks = CASE WHEN g.ends_at < now() - interval '1 day' THEN 0"
		       "  WHEN g.ends_at > now() AND g.failures + 1 = $2 THEN g.locks + 1"
		       "  ELSE g.locks END,"
		       " ends_at = CASE WHEN g.ends_at <= now() THEN excluded.ends_at"
		       "  WHEN g.failures + 1 = $2"
		       "  THEN now() + make_interval(secs => $3 * 2 ^ least(g.locks, $4))"
		       "  ELSE g.ends_at END"
		       " RETURNING failures, ceil(extract(epoch FROM ends_at - now()))::bigint AS wait_s,"
		       " ends_at",
	},
	[GUESS_CLEAR] = {
		.name = "guess_clear",
		.params = { PG_TEXT },
		.rows = PG_NONE,
		.sql = "DELETE FROM guesses WHERE subject = $1",
	},
};

enum err guess_add(struct service *s, const char *subject, const struct guess_rule *rule,
	struct guess_count *ret)
{
	return pg_one(s->pg, &identity_guesses_stmts[GUESS_ADD], NULL, ret,
		PG_VALUES(pg_text(subject), pg_int(rule->limit), pg_int(rule->seconds),
			pg_int(rule->doublings)));
}

enum err guess_clear(struct service *s, const char *subject)
{
	return pg_run(
		s->pg, &identity_guesses_stmts[GUESS_CLEAR], NULL, PG_VALUES(pg_text(subject)));
}
