#include "resources/audit/audit.h"

#include "pg/pg.h"

/* What is looked for: one statement each, since each has an index of its own. */
enum audit_by { BY_NOTHING, BY_ACTOR, BY_OBJECT, AUDIT_BYS };
enum {
	AUDIT_PAGE,
	AUDIT_COUNT = AUDIT_PAGE + AUDIT_BYS,
	AUDIT_DOMAINS = AUDIT_COUNT + AUDIT_BYS,
	AUDIT_STMTS
};

struct search {
	struct audit_query q;
	const char *part; /* of the object, cut off it */
};
static const struct field search_fields[] = {
	FIELD_TEXT_AS(search, q.domain, "domain"),
	FIELD_TEXT_AS(search, q.object, "object"),
	FIELD_TEXT(search, part),
	FIELD_TEXT_AS(search, q.actor, "actor"),
	FIELD_TIME_AS(search, q.from, "from"),
	FIELD_TIME_AS(search, q.to, "to"),
	FIELD_INT_AS(search, q.limit, "limit"),
	FIELD_INT_AS(search, q.offset, "offset"),
	FIELDS_END,
};

static const struct field domain_fields[] = { FIELD_TEXT(audit_domain, domain), FIELDS_END };

#define SEARCH .in = search_fields, .in_size = sizeof(struct search)
#define NEWEST " ORDER BY at DESC, id DESC"
/* The newest of those that an index finds. */
#define FOUND(condition)                                                                      \
	" FROM (SELECT * FROM audit WHERE domain = $domain" condition                         \
	"  AND at >= coalesce($from, '-infinity') AND at <= coalesce($to, 'infinity')" NEWEST \
	"  LIMIT " PG_CONSTANT(AUDIT_SEARCHED_MAX) ") a"
#define BY(which, called, condition, more)                                      \
	[AUDIT_PAGE + (which)] = { .name = "audit_page" called,                 \
		SEARCH,                                                         \
		.row = audit_record_fields,                                     \
		.row_size = sizeof(struct audit_record),                        \
		.rows = PG_MANY,                                                \
		.sql = "SELECT {row}" FOUND(condition) more NEWEST              \
		" LIMIT $limit OFFSET $offset" },                               \
		      [AUDIT_COUNT + (which)] = { .name = "audit_count" called, \
			      SEARCH,                                           \
			      .row = pg_counted_fields,                         \
			      .row_size = sizeof(struct counted),               \
			      .rows = PG_ONE,                                   \
			      .sql = "SELECT count(*)" FOUND(condition) more }

const struct stmt audit_stmts[AUDIT_STMTS + 1] = {
	BY(BY_NOTHING, "", "", ""),
	BY(BY_ACTOR, "_of_actor", " AND actor = $actor", ""),
	BY(BY_OBJECT, "_of_object", " AND object = $object",
		" WHERE ($part::text IS NULL OR part = $part)"
		" AND ($actor::text IS NULL OR actor = $actor)"),
	/* From one to the next, as there are few of them and many rows of each. */
	[AUDIT_DOMAINS] = {
		.name = "audit_domains",
		.row = domain_fields,
		.row_size = sizeof(struct audit_domain),
		.rows = PG_MANY,
		.sql = "WITH RECURSIVE d (domain) AS ("
		       "(SELECT domain FROM audit ORDER BY domain LIMIT 1) UNION ALL"
		       " SELECT (SELECT a.domain FROM audit a WHERE a.domain > d.domain"
		       "  ORDER BY a.domain LIMIT 1) FROM d WHERE d.domain IS NOT NULL)"
		       " SELECT domain FROM d WHERE domain IS NOT NULL",
	},
};

static enum audit_by kind_of(const struct audit_query *q)
{
	return q->object ? BY_OBJECT : q->actor ? BY_ACTOR : BY_NOTHING;
}

/* No name of an object has a slash, so that what is behind the first is a part. */
static struct search search_of(struct service *s, const struct audit_query *q)
{
	struct search r = { .q = *q };
	struct str rest = str_from(q->object), object = str_split(&rest, '/');

	if (q->object && rest.p) {
		r.q.object = arena_strndup(s->arena, object.p, object.n);
		r.part = rest.p;
	}
	return r;
}

enum err audit_list(struct service *s, const struct audit_query *q, struct rows *ret)
{
	const struct search search = search_of(s, q);

	return pg_many(s->pg, &audit_stmts[AUDIT_PAGE + (int)kind_of(q)], s->arena, &ret->items,
		&ret->n, PG_IN(&search));
}

enum err audit_page(struct service *s, const struct audit_query *q, int64_t page, struct page *ret)
{
	struct search search = search_of(s, q);
	struct counted all;
	struct rows rows;

	search.q.limit = AUDIT_PAGE_SIZE;
	search.q.offset = (page - 1) * AUDIT_PAGE_SIZE;
	struct pg_call calls[] = {
		{ .stmt = &audit_stmts[AUDIT_COUNT + (int)kind_of(q)],
			PG_IN(&search),
			.ret_row = &all },
		{ .stmt = &audit_stmts[AUDIT_PAGE + (int)kind_of(q)],
			PG_IN(&search),
			.arena = s->arena,
			.ret_row = &rows },
	};
	enum err e = pg_together(s->pg, calls, 2);

	if (e == ERR_OK)
		*ret = (struct page){ rows.items, rows.n, all.count, page, AUDIT_PAGE_SIZE };
	return e;
}

enum err audit_domains(struct service *s, struct rows *ret)
{
	return pg_many(
		s->pg, &audit_stmts[AUDIT_DOMAINS], s->arena, &ret->items, &ret->n, PG_NO_VALUES);
}
