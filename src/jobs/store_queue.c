#include "queue_priv.h"

#include "pg/pg.h"

enum {
	QUEUE_CLAIM,
	QUEUE_RENEW,
	QUEUE_DONE,
	QUEUE_LATER,
	QUEUE_RELEASE,
	QUEUE_PACE,
	QUEUE_EXPIRE,
	QUEUE_STANDING,
	QUEUE_STMTS
};

#define EXPIRE_AT_ONCE "1000"
#define LOOKED_AT \
	"4" /* times as many as are wanted: some may be of one space, or another worker's */

static const struct field claimed_fields[] = {
	FIELD_INT_AS(claimed, job.id, "id"),
	FIELD_TEXT_AS(claimed, job.kind, "kind"),
	FIELD_TEXT_AS(claimed, job.domain, "domain"),
	FIELD_INT_AS(claimed, job.account_id, "account_id"),
	FIELD_TIME_AS(claimed, job.created_at, "created_at"),
	FIELD_TIME_AS(claimed, job.expires_at, "expires_at"),
	FIELD_INT_AS(claimed, job.attempts, "attempts"),
	FIELD_TEXT_AS(claimed, job.request_id, "request_id"),
	FIELD_TEXT_AS(claimed, job.mark, "mark", .column = "jobs.mark::text"),
	FIELD_JSON_AS(claimed, job.payload, "payload"),
	FIELD_BYTES_AS(claimed, job.sealed, "payload_sealed"),
	FIELD_BOOL(claimed, paced),
	FIELDS_END,
};

static const struct field next_fields[] = {
	FIELD_INT(next_try, id),
	FIELD_INT(next_try, attempts),
	FIELD_INT(next_try, wait_ms),
	FIELD_TEXT(next_try, failure),
	FIELDS_END,
};

struct flag {
	bool dead;
};
static const struct field flag_fields[] = { FIELD_BOOL(flag, dead), FIELDS_END };

static const struct field expired_fields[] = {
	FIELD_TEXT(expired, kind),
	FIELD_INT(expired, n),
	FIELDS_END,
};

static const struct field standing_fields[] = {
	FIELD_TEXT(standing, kind),
	FIELD_INT(standing, waiting),
	FIELD_INT(standing, dead),
	FIELDS_END,
};

#define WAITS   "ended_at IS NULL AND expires_at > now()"
#define CLAIMED "id = $id AND attempts = $attempts AND running"
#define THESE                                                                     \
	" unnest($1, $2) t (id, attempts) WHERE jobs.id = t.id AND jobs.attempts" \
	" = t.attempts AND running"

const struct stmt jobs_queue_stmts[QUEUE_STMTS + 1] = {
	/* $1 back end, $2 how many, $3 how many of a space, $4 not of these spaces, $5 seconds.  What an
	 * account that is gone has left is not done any more. */
	[QUEUE_CLAIM] = {
		.name = "queue_claim",
		.params = { PG_TEXT, PG_INT, PG_INT, PG_TEXTS, PG_INT },
		.row = claimed_fields,
		.row_size = sizeof(struct claimed),
		.rows = PG_MANY,
		.sql = "WITH seen AS MATERIALIZED (SELECT id, domain, due_at FROM jobs"
		       "  WHERE backend = $1 AND due_at <= now() AND " WAITS
		       "  AND domain <> ALL($4) AND (account_id IS NULL"
		       "   OR (SELECT true FROM accounts a WHERE a.id = account_id))"
		       "  ORDER BY due_at LIMIT $2 * " LOOKED_AT "),"
		       " shared AS MATERIALIZED (SELECT id FROM (SELECT id, due_at, row_number()"
		       "  OVER (PARTITION BY domain ORDER BY due_at) AS place FROM seen) s"
		       "  WHERE place <= $3 ORDER BY due_at),"
		       " due AS MATERIALIZED (SELECT id FROM jobs"
		       "  WHERE id = ANY (ARRAY(SELECT id FROM shared))"
		       "  AND due_at <= now() AND " WAITS " ORDER BY due_at LIMIT $2"
		       "  FOR UPDATE SKIP LOCKED)"
		       " UPDATE jobs SET attempts = attempts + 1, running = true,"
		       " due_at = now() + make_interval(secs => $5)"
		       " WHERE id = ANY (ARRAY(SELECT id FROM due)) RETURNING {row jobs}",
	},
	[QUEUE_RENEW] = {
		.name = "queue_renew",
		.params = { PG_INTS, PG_INTS, PG_INT },
		.rows = PG_NONE,
		.sql = "UPDATE jobs SET due_at = now() + make_interval(secs => $3) FROM" THESE,
	},
	[QUEUE_DONE] = {
		.name = "queue_done",
		.params = { PG_INTS, PG_INTS },
		.rows = PG_NONE,
		.sql = "DELETE FROM jobs USING" THESE,
	},
	[QUEUE_LATER] = {
		.name = "queue_later",
		.in = next_fields,
		.in_size = sizeof(struct next_try),
		.row = flag_fields,
		.row_size = sizeof(struct flag),
		.rows = PG_MAY_ONE,
		.sql = "UPDATE jobs SET running = false, paced = true, failure = $failure,"
		       " due_at = now() + make_interval(secs => $wait_ms / 1000.0),"
		       " ended_at = CASE WHEN $wait_ms < 0 OR expires_at"
		       " <= now() + make_interval(secs => $wait_ms / 1000.0) THEN now() END"
		       " WHERE " CLAIMED " RETURNING ended_at IS NOT NULL AS dead",
	},
	[QUEUE_RELEASE] = {
		.name = "queue_release",
		.in = next_fields,
		.in_size = sizeof(struct next_try),
		.rows = PG_NONE,
		.sql = "UPDATE jobs SET running = false, paced = true, attempts = attempts - 1,"
		       " due_at = now() + make_interval(secs => $wait_ms / 1000.0) WHERE " CLAIMED,
	},
	[QUEUE_PACE] = {
		.name = "queue_pace",
		.params = { PG_TEXT, PG_TEXT, PG_INT },
		.row = pg_id_fields,
		.row_size = sizeof(struct pg_id),
		.rows = PG_ONE,
		.sql = "INSERT INTO job_paces (backend, domain, next_at)"
		       " VALUES ($1, $2, now() + make_interval(secs => $3 / 1000.0))"
		       " ON CONFLICT (backend, domain) DO UPDATE SET next_at ="
		       " greatest(job_paces.next_at, now()) + make_interval(secs => $3 / 1000.0)"
		       " RETURNING greatest(0, (extract(epoch FROM next_at - now()) * 1000)::bigint"
		       " - $3) AS id",
	},
	[QUEUE_EXPIRE] = {
		.name = "queue_expire",
		.row = expired_fields,
		.row_size = sizeof(struct expired),
		.rows = PG_MANY,
		.sql = "WITH over AS MATERIALIZED (SELECT id FROM jobs WHERE ended_at IS NULL"
		       "  AND expires_at <= now() AND NOT (running AND due_at > now())"
		       "  ORDER BY expires_at LIMIT " EXPIRE_AT_ONCE " FOR UPDATE SKIP LOCKED),"
		       " dead AS (UPDATE jobs SET ended_at = now(), running = false,"
		       "  failure = coalesce(failure, 'It expired before it was tried.')"
		       "  WHERE id = ANY (ARRAY(SELECT id FROM over)) RETURNING kind)"
		       " SELECT kind, count(*) AS n FROM dead GROUP BY kind",
	},
	[QUEUE_STANDING] = {
		.name = "queue_standing",
		.params = { PG_INT },
		.row = standing_fields,
		.row_size = sizeof(struct standing),
		.rows = PG_MANY,
		.sql = "SELECT kind, count(*) FILTER (WHERE ended_at IS NULL) AS waiting,"
		       " count(ended_at) AS dead FROM jobs GROUP BY kind ORDER BY kind LIMIT $1",
	},
};

void queue_register(struct pg *pg)
{
	pg_register(pg, jobs_queue_stmts);
}

enum err queue_store_claim(
	struct service *s, const struct claiming *c, struct claimed **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, &jobs_queue_stmts[QUEUE_CLAIM], s->arena, &rows, ret_count,
		PG_VALUES(pg_text(c->backend), pg_int(c->limit), pg_int(c->space_limit),
			pg_texts(c->busy, c->busy_count), pg_int(c->claim_s)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err queue_store_renew(
	struct service *s, const int64_t *ids, const int64_t *attempts, size_t n, int64_t claim_s)
{
	return pg_run(s->pg, &jobs_queue_stmts[QUEUE_RENEW], NULL,
		PG_VALUES(pg_ints(ids, n), pg_ints(attempts, n), pg_int(claim_s)));
}

enum err queue_store_done(struct service *s, const int64_t *ids, const int64_t *attempts, size_t n)
{
	return pg_run(s->pg, &jobs_queue_stmts[QUEUE_DONE], NULL,
		PG_VALUES(pg_ints(ids, n), pg_ints(attempts, n)));
}

enum err queue_store_later(
	struct service *s, const struct next_try *next, bool give_up, bool *ret_dead)
{
	struct next_try in = *next;
	struct flag row;
	enum err e;

	if (give_up)
		in.wait_ms = -1;
	e = pg_one(s->pg, &jobs_queue_stmts[QUEUE_LATER], NULL, &row, PG_IN(&in));
	if (e == ERR_OK)
		*ret_dead = row.dead;
	return e;
}

enum err queue_store_release(struct service *s, const struct next_try *next)
{
	return pg_change(s->pg, &jobs_queue_stmts[QUEUE_RELEASE], ERR_NOT_FOUND, PG_IN(next));
}

enum err queue_store_pace(struct service *s, const char *backend, const char *domain, int64_t n,
	int64_t each_ms, int64_t *ret_ms)
{
	struct pg_id row;
	enum err e = pg_one(s->pg, &jobs_queue_stmts[QUEUE_PACE], NULL, &row,
		PG_VALUES(pg_text(backend), pg_text(domain), pg_int(n * each_ms)));

	if (e == ERR_OK)
		*ret_ms = row.id;
	return e;
}

enum err queue_store_expire(struct service *s, struct expired **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(
		s->pg, &jobs_queue_stmts[QUEUE_EXPIRE], s->arena, &rows, ret_count, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err queue_store_standing(
	struct service *s, int64_t limit, struct standing **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, &jobs_queue_stmts[QUEUE_STANDING], s->arena, &rows, ret_count,
		PG_VALUES(pg_int(limit)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}
