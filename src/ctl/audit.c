/* audit: who changed what, by whichever door. */
#include "ctl_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/iso8601.h"
#include "resources/audit/audit.h"

#define LISTED_DEFAULT 100
#define LISTED_MAX     10000

struct audit_input {
	const char *space, *object, *actor, *from, *to;
	int64_t limit;
};

static const struct field input_fields[] = {
	FIELD_TEXT(audit_input, space, .in = FIELD_IN_QUERY, .flags = FIELD_DOMAIN,
		.doc = "Only what was changed in the space of this domain; it may be gone"),
	FIELD_TEXT(audit_input, object, .in = FIELD_IN_QUERY, .max = AUDIT_FILTER_MAX,
		.doc = "Only changes of this: account:alice@sip.example.org"),
	FIELD_TEXT(audit_input, actor, .in = FIELD_IN_QUERY, .max = AUDIT_FILTER_MAX,
		.doc = "Only what this account, or user of this machine, has done"),
	FIELD_TEXT(audit_input, from, .in = FIELD_IN_QUERY, .doc = "Not before; ISO 8601, UTC"),
	FIELD_TEXT(audit_input, to, .in = FIELD_IN_QUERY, .doc = "Not after; ISO 8601, UTC"),
	FIELD_INT(audit_input, limit, .in = FIELD_IN_QUERY, .min = 1, .max = LISTED_MAX,
		.doc = "How many; 100 unless told"),
	FIELDS_END,
};

static const struct field listed_fields[] = {
	FIELD_TIME(audit_record, at),
	FIELD_TEXT(audit_record, actor),
	FIELD_TEXT(audit_record, door),
	FIELD_TEXT(audit_record, action),
	FIELD_TEXT(audit_record, object),
	FIELD_JSON(audit_record, fields),
	FIELD_TEXT(audit_record, ip),
	FIELD_TEXT(audit_record, request_id),
	FIELD_TEXT(audit_record, domain),
	FIELD_INT(audit_record, id),
	FIELDS_END,
};

static enum err instant(struct ctl *c, const char *name, const char *text, int64_t *ret)
{
	if (text && !iso8601_parse(str_from(text), ret))
		return refuse(
			c, ERR_INVALID, "%s: %s is no time as ISO 8601 writes it.", name, text);
	return ERR_OK;
}

static int newest_first(const void *a, const void *b)
{
	const struct audit_record *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? 1 : -1;
	return x->id < y->id ? 1 : -1;
}

/* Of two that are sorted, the first; newer becomes those of both, at most `limit`. */
static void merge(struct ctl *c, struct rows *all, const struct rows *more, size_t limit)
{
	const size_t size = sizeof(struct audit_record), n = all->n + more->n;
	char *items = arena_alloc(c->arena, n * size);

	if (all->n)
		memcpy(items, all->items, all->n * size);
	if (more->n)
		memcpy(items + all->n * size, more->items, more->n * size);
	qsort(items, n, size, newest_first);
	*all = (struct rows){ items, n < limit ? n : limit };
}

/* Each space has indexes of its own trail; there are few spaces. */
static enum err find_everywhere(struct ctl *c, struct audit_query *q, struct rows *ret)
{
	struct rows domains;
	enum err e = audit_domains(&c->service, &domains);
	const struct audit_domain *d = e == ERR_OK ? domains.items : NULL;

	for (size_t i = 0; e == ERR_OK && i < domains.n; i++) {
		struct rows some;

		q->domain = d[i].domain;
		e = audit_list(&c->service, q, &some);
		if (e == ERR_OK && some.n)
			merge(c, ret, &some, (size_t)q->limit);
	}
	return e;
}

static enum err audit(struct ctl *c, const void *input)
{
	const struct audit_input *in = input;
	struct audit_query q = { .domain = in->space,
		.object = in->object,
		.actor = in->actor,
		.limit = in->limit ? in->limit : LISTED_DEFAULT };
	struct rows rows = { 0 };
	enum err e = instant(c, "from", in->from, &q.from);

	if (e == ERR_OK)
		e = instant(c, "to", in->to, &q.to);
	if (e == ERR_OK)
		e = in->space ? audit_list(&c->service, &q, &rows) : find_everywhere(c, &q, &rows);
	if (e == ERR_OK)
		table_rows(c, listed_fields, rows.items, sizeof(struct audit_record), rows.n);
	return e;
}

const struct command audit_commands[] = {
	{ "audit", input_fields, sizeof(struct audit_input), NEEDS_DATABASE, audit,
		"List who changed what, the newest first: requests and commands, with names of "
		"fields" },
	{ 0 },
};
