#include "service/job.h"

#include "base/json_writer.h"
#include "base/log.h"
#include "crypto/seal.h"
#include "pg/pg.h"

enum { JOB_ADD, JOB_LIST, JOB_GET, JOB_RETRY, JOB_DROP, JOB_STMTS };

const struct str job_context = { "job", 3 };
const char *const job_states[] = { "waiting", "running", "dead", NULL };

/* A worker that crashed leaves its claim behind, which is over at due_at. */
#define IS_RUNNING "(running AND due_at > now())"
#define STATE                                                         \
	"CASE WHEN ended_at IS NOT NULL THEN 'dead' WHEN " IS_RUNNING \
	" THEN 'running' ELSE 'waiting' END"

/* clang-format off */
#define JOB_FIELDS                                                                                  \
	FIELD_INT(job, id),                                                                         \
	FIELD_TEXT(job, kind),                                                                      \
	FIELD_TEXT(job, domain),                                                                    \
	FIELD_INT(job, account_id, .flags = FIELD_ZERO_NULL),                                       \
	FIELD_TIME(job, created_at),                                                                \
	FIELD_TIME(job, expires_at),                                                                \
	FIELD_TEXT(job, state, .column = "(" STATE ")"),                                            \
	FIELD_INT(job, attempts),                                                                   \
	FIELD_TIME(job, due_at),                                                                    \
	FIELD_TIME(job, ended_at),                                                                  \
	FIELD_TEXT(job, failure),                                                                   \
	FIELD_TEXT(job, request_id),                                                                \
	FIELD_TEXT(job, mark, .column = "mark::text"),                                              \
	FIELD_BOOL(job, secret, .column = "(payload_sealed IS NOT NULL)")
/* clang-format on */

const struct field job_fields[] = { JOB_FIELDS, FIELDS_END };

const struct field job_payload_fields[] = {
	JOB_FIELDS,
	FIELD_JSON(job, payload),
	FIELD_BYTES_AS(job, sealed, "payload_sealed", .flags = FIELD_INTERNAL),
	FIELDS_END,
};

static const struct field added_fields[] = {
	FIELD_TEXT(job, kind),
	FIELD_TEXT(job, domain),
	FIELD_INT(job, account_id, .flags = FIELD_ZERO_NULL),
	FIELD_TIME(job, expires_at),
	FIELD_TEXT(job, request_id),
	FIELD_JSON(job, payload),
	FIELD_BYTES_AS(job, sealed, "payload_sealed"),
	FIELDS_END,
};

const struct stmt service_job_stmts[JOB_STMTS + 1] = {
	[JOB_ADD] = {
		.name = "job_add",
		.in = added_fields,
		.in_size = sizeof(struct job),
		.rows = PG_NONE,
		.sql = "INSERT INTO jobs ({in}) VALUES ({values})",
	},
	[JOB_LIST] = {
		.name = "job_list",
		.params = { PG_TEXT, PG_TEXT, PG_INT },
		.row = job_fields,
		.row_size = sizeof(struct job),
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM jobs WHERE ($1::text IS NULL OR kind = $1)"
		       " AND ($2::text IS NULL OR " STATE " = $2) ORDER BY id DESC LIMIT $3",
	},
	[JOB_GET] = {
		.name = "job_get",
		.params = { PG_INT },
		.row = job_payload_fields,
		.row_size = sizeof(struct job),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row} FROM jobs WHERE id = $1",
	},
	[JOB_RETRY] = {
		.name = "job_retry",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "UPDATE jobs SET ended_at = NULL, attempts = 0, due_at = now(), running = false"
		       " WHERE id = $1 AND expires_at > now() AND NOT " IS_RUNNING,
	},
	[JOB_DROP] = {
		.name = "job_drop",
		.params = { PG_INT },
		.rows = PG_NONE,
		.sql = "DELETE FROM jobs WHERE id = $1 AND NOT " IS_RUNNING,
	},
};

enum err job_add(struct service *s, const struct job_kind *kind, const char *domain,
	int64_t account_id, int64_t expires_at, const void *payload)
{
	struct job job = { .kind = kind->name,
		.domain = domain,
		.account_id = account_id,
		.expires_at = expires_at,
		.request_id = log_request_id(),
		.payload = json_fields_text(
			s->arena, kind->payload, payload, READER_ANY, JOB_PAYLOAD_MAX) };
	enum err e = job.payload ? ERR_OK : ERR_LIMIT;

	if (e == ERR_OK && kind->secret) {
		e = seal(s->keys, str_from(job.payload), job_context, s->arena, &job.sealed);
		job.payload = NULL;
	}
	return e == ERR_OK ? pg_run(s->pg, &service_job_stmts[JOB_ADD], NULL, PG_IN(&job)) : e;
}

enum err job_list(struct service *s, const char *kind, const char *state, int64_t limit,
	struct job **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(s->pg, &service_job_stmts[JOB_LIST], s->arena, &rows, ret_count,
		PG_VALUES(pg_text(kind), pg_text(state), pg_int(limit)));

	if (e == ERR_OK)
		*ret = rows;
	return e;
}

enum err job_open(struct service *s, struct job *j)
{
	struct str plain;

	if (!j->sealed.p)
		return ERR_OK;
	enum err e = unseal(s->keys, j->sealed, job_context, s->arena, &plain);

	if (e == ERR_OK)
		j->payload = arena_strndup(s->arena, plain.p, plain.n);
	return e == ERR_GONE ? ERR_OK : e;
}

enum err job_get(struct service *s, int64_t id, bool payload, struct job *ret)
{
	enum err e =
		pg_one(s->pg, &service_job_stmts[JOB_GET], s->arena, ret, PG_VALUES(pg_int(id)));

	if (e == ERR_OK && payload)
		return job_open(s, ret);
	if (e == ERR_OK && !payload)
		ret->payload = NULL;
	return e;
}

enum err job_retry(struct service *s, int64_t id)
{
	return pg_change(
		s->pg, &service_job_stmts[JOB_RETRY], ERR_NOT_FOUND, PG_VALUES(pg_int(id)));
}

enum err job_drop(struct service *s, int64_t id)
{
	return pg_change(s->pg, &service_job_stmts[JOB_DROP], ERR_NOT_FOUND, PG_VALUES(pg_int(id)));
}
