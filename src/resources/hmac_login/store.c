#include "hmac_login_priv.h"
#include "resources/hmac_login/hmac_login.h"

#include "pg/pg.h"
#include "service/columns.h"

enum { HMAC_RESOLVE, HMAC_COUNT_USES, HMAC_REPORT, HMAC_STMTS };

static const struct field name_fields[] = {
	FIELD_TEXT(hmac_login_name, username),
	FIELD_BOOL(hmac_login_name, second_factor, .column = "a.two_factor OR " MUST_ENROL),
	FIELDS_END,
};

struct name_query {
	const char *domain, *name;
};
static const struct field query_fields[] = {
	FIELD_TEXT(name_query, domain),
	FIELD_TEXT(name_query, name),
	FIELDS_END,
};

const struct stmt hmac_login_stmts[HMAC_STMTS + 1] = {
	[HMAC_RESOLVE] = {
		.name = "hmac_resolve",
		.in = query_fields,
		.in_size = sizeof(struct name_query),
		.row = name_fields,
		.row_size = sizeof(struct hmac_login_name),
		.rows = PG_MAY_ONE,
		.sql = "SELECT {row a} FROM accounts a"
		       " WHERE a.domain = $domain AND (a.username = $name OR a.id ="
		       "  (SELECT e.account_id FROM extensions e"
		       "    WHERE e.domain = $domain AND e.exten = $name))"
		       " ORDER BY a.username <> $name LIMIT 1",
	},
	/* Who is free to choose any program name could fill the table: 32 for each user are kept. */
	[HMAC_COUNT_USES] = {
		.name = "hmac_count_uses",
		.params = { PG_TEXTS, PG_TEXTS, PG_TEXTS, PG_INTS },
		.rows = PG_NONE,
		.sql = "WITH known AS (SELECT n.domain, coalesce(a.username, '') AS username,"
		       "   CASE WHEN a.id IS NULL THEN '' ELSE left(n.agent, 256) END AS agent, n.uses"
		       "  FROM unnest($1, $2, $3, $4) n (domain, name, agent, uses)"
		       "  LEFT JOIN accounts a ON a.domain = n.domain AND a.username = n.name),"
		       " kept AS (SELECT k.domain, k.username, CASE WHEN EXISTS (SELECT FROM legacy_uses l"
		       "    WHERE (l.domain, l.username, l.user_agent) = (k.domain, k.username, k.agent))"
		       "   OR (SELECT count(*) FROM legacy_uses l WHERE (l.domain, l.username)"
		       "    = (k.domain, k.username)) < 32 THEN k.agent ELSE 'other' END AS agent, k.uses"
		       "  FROM known k)"
		       " INSERT INTO legacy_uses AS l (domain, username, user_agent, requests)"
		       " SELECT k.domain, k.username, k.agent, sum(k.uses) FROM kept k"
		       " JOIN spaces s ON s.domain = k.domain GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
		       " ON CONFLICT (domain, username, user_agent) DO UPDATE"
		       " SET requests = l.requests + excluded.requests, last_used_at = now()",
	},
	[HMAC_REPORT] = {
		.name = "hmac_report",
		.row = deprecated_use_fields,
		.row_size = sizeof(struct deprecated_use),
		.rows = PG_MANY,
		.sql = "SELECT {row} FROM legacy_uses ORDER BY last_used_at DESC, domain, username, user_agent",
	},
};

enum err hmac_store_resolve(
	struct service *s, const char *domain, const char *name, struct hmac_login_name *ret)
{
	const struct name_query q = { domain, name };

	return pg_one(s->pg, &hmac_login_stmts[HMAC_RESOLVE], s->arena, ret, PG_IN(&q));
}

enum err hmac_store_count_uses(struct service *s, const struct deprecated_use_batch *b)
{
	return pg_run(s->pg, &hmac_login_stmts[HMAC_COUNT_USES], NULL,
		PG_VALUES(pg_texts(b->domains, b->n), pg_texts(b->usernames, b->n),
			pg_texts(b->user_agents, b->n), pg_ints(b->counts, b->n)));
}

enum err hmac_login_report(struct service *s, struct deprecated_use **ret, size_t *ret_count)
{
	void *rows;
	enum err e = pg_many(
		s->pg, &hmac_login_stmts[HMAC_REPORT], s->arena, &rows, ret_count, PG_NO_VALUES);

	if (e == ERR_OK)
		*ret = rows;
	return e;
}
