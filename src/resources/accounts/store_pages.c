/* Many accounts of a domain at once: their number, a page of them, those behind an id. */
#include "accounts_priv.h"

#include "pg/pg.h"
#include "resources/accounts/account.h"
#include "service/subject_call.h"

enum { ACCOUNT_PAGE, ACCOUNT_AFTER, ACCOUNT_COUNT, PAGES_STMTS };

struct after_query {
	const char *domain;
	int64_t after, limit;
};
static const struct field after_fields[] = {
	FIELD_TEXT(after_query, domain),
	FIELD_INT(after_query, after),
	FIELD_INT(after_query, limit),
	FIELDS_END,
};
#define ACCOUNT_ROW .row = account_fields, .row_size = sizeof(struct account)

/* So many accounts are on the pages before. */
#define OFFSET "(($page - 1) * " PG_CONSTANT(ACCOUNT_PAGE_SIZE) ")"

/* The range of ids of a kind in accounts_counts that has the account with OFFSET others before it, and how many
 * of those are before the range; no row: there are not that many. */
#define RANGE_WITH(which, of, before_all)                                                     \
	" (SELECT r.bucket, r.before FROM (SELECT s.bucket, s.n, " before_all                 \
	"  + sum(s.n) OVER (ORDER BY s.bucket ROWS UNBOUNDED PRECEDING) - s.n AS before"      \
	"  FROM (SELECT c.bucket, sum(c.n)::int AS n FROM accounts_counts c"                  \
	"   WHERE c.domain = $domain AND c.kind = " which " AND " of " GROUP BY c.bucket) s)" \
	" r WHERE r.before + r.n > " OFFSET " ORDER BY r.bucket LIMIT 1)"

/* The accounts x of the domain from an id on. Only the index on (domain, id) has that order: the planner, which knows
 * neither the domain nor the id, would walk all accounts by id if it were asked for one domain's. */
#define IN_ORDER(from, id)                                                     \
	" (x.domain, x.id) " from " ($domain, " id ") AND x.domain <= $domain" \
	" ORDER BY x.domain, x.id"
/* And their rows. */
#define EACH_OF(ids)                                                                        \
	" CROSS JOIN LATERAL (SELECT * FROM accounts b WHERE b.id = " ids ".id OFFSET 0) a" \
	" ORDER BY " ids ".id"

const struct stmt accounts_pages_stmts[PAGES_STMTS + 1] = {
	[ACCOUNT_PAGE] = {
		.name = "account_page",
		SUBJECT_KEY,
		ACCOUNT_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row a} FROM" RANGE_WITH("1", "true", "0") " big"
		       " CROSS JOIN LATERAL" RANGE_WITH("0",
			       "c.bucket >= big.bucket << 8 AND c.bucket < (big.bucket + 1) << 8",
			       "big.before") " small"
		       " CROSS JOIN LATERAL (SELECT x.id FROM accounts x WHERE"
		       IN_ORDER(">=", "small.bucket << 8") "  OFFSET " OFFSET " - small.before"
		       "  LIMIT " PG_CONSTANT(ACCOUNT_PAGE_SIZE) ") i" EACH_OF("i"),
	},
	[ACCOUNT_AFTER] = {
		.name = "account_after",
		.in = after_fields,
		.in_size = sizeof(struct after_query),
		ACCOUNT_ROW,
		.rows = PG_MANY,
		.sql = "SELECT {row a} FROM (SELECT x.id FROM accounts x WHERE" IN_ORDER(">", "$after")
		       "  LIMIT $limit) i" EACH_OF("i"),
	},
	[ACCOUNT_COUNT] = {
		.name = "account_count",
		SUBJECT_KEY,
		.row = pg_counted_fields,
		.row_size = sizeof(struct counted),
		.rows = PG_ONE,
		.sql = "SELECT coalesce(sum(n), 0) AS count FROM accounts_counts"
		       " WHERE domain = $domain AND kind = 1",
	},
};

static enum err page_complete(struct service *s, void *row)
{
	account_rows_complete(s->arena, row);
	return ERR_OK;
}

const struct subject accounts_page = { .name = "accounts",
	.find = &accounts_pages_stmts[ACCOUNT_PAGE],
	.complete = page_complete,
	.is_page = true };
const struct subject accounts_count = { .name = "number of accounts",
	.find = &accounts_pages_stmts[ACCOUNT_COUNT] };

enum err account_list_after(
	struct service *s, const char *domain, int64_t after, int64_t limit, struct rows *ret)
{
	const struct after_query q = { domain, after, limit };
	enum err e = pg_many(s->pg, &accounts_pages_stmts[ACCOUNT_AFTER], s->arena, &ret->items,
		&ret->n, PG_IN(&q));

	if (e == ERR_OK)
		account_rows_complete(s->arena, ret);
	return e;
}

enum err account_store_count(struct service *s, const char *domain, int64_t *ret)
{
	const struct subject_key key = { .domain = domain };
	struct counted row;
	enum err e = pg_one(s->pg, &accounts_pages_stmts[ACCOUNT_COUNT], NULL, &row, PG_IN(&key));

	if (e == ERR_OK)
		*ret = row.count;
	return e;
}
