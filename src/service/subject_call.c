/* Both ways to find a subject: alone, and with another statement. */
#include "service/subject_call.h"

#include <assert.h>

#include "base/rows.h"

const struct field subject_key_fields[] = {
	FIELD_TEXT(subject_key, domain),
	FIELD_INT(subject_key, caller_id, .flags = FIELD_ZERO_NULL),
	FIELD_INT(subject_key, id),
	FIELD_INT(subject_key, part_id),
	FIELD_TEXT(subject_key, name),
	FIELD_INT(subject_key, page),
	FIELDS_END,
};

/* The calls of an exchange, and which of them look something up. */
struct exchange {
	struct pg_call calls[PG_CALLS_MAX];
	struct subject_lookup *lookups[PG_CALLS_MAX];
	struct pg_value values[PG_CALLS_MAX];
	size_t n;
};

static void add(struct service *s, struct exchange *x, struct subject_lookup *l)
{
	const struct stmt *find = l->subject->find;

	assert(x->n < PG_CALLS_MAX);
	l->row =
		arena_alloc(s->arena, find->rows == PG_MANY ? sizeof(struct rows) : find->row_size);
	x->values[x->n] =
		(struct pg_value){ .type = PG_STRUCT, .object = l->key, .count = sizeof(*l->key) };
	x->calls[x->n] = (struct pg_call){ .stmt = find,
		.values = &x->values[x->n],
		.n = 1,
		.arena = s->arena,
		.ret_row = l->row };
	x->lookups[x->n++] = l;
}

static void complete(struct service *s, struct subject_lookup *l, enum err result)
{
	l->result = result;
	if (result == ERR_OK && l->subject->complete)
		l->result = l->subject->complete(s, l->row);
}

static enum err run(struct service *s, struct exchange *x)
{
	enum err e = pg_together(s->pg, x->calls, x->n);

	for (size_t i = 0; i < x->n; i++)
		if (x->lookups[i])
			complete(s, x->lookups[i], x->calls[i].result);
	return e;
}

void subject_find(struct service *s, struct subject_lookup *first)
{
	struct exchange x = { .n = 0 };

	for (struct subject_lookup *l = first; l; l = l->next)
		if (!l->row)
			add(s, &x, l);
	if (x.n)
		run(s, &x);
}

static void add_all(struct service *s, struct exchange *x, struct subject_lookup *first,
	enum subject_caller caller)
{
	for (struct subject_lookup *l = first; l; l = l->next)
		if (caller == SUBJECT_CALLER_IS_LEFT || !l->subject->of_caller)
			add(s, x, l);
}

enum err subject_call_with(struct service *s, struct pg_call *call, struct subject_lookup *first,
	enum subject_caller caller)
{
	struct exchange x = { .calls = { *call }, .n = 1 };
	enum err e;

	add_all(s, &x, first, caller);
	e = run(s, &x);
	return e == ERR_OK ? x.calls[0].result : e;
}

void subject_call_ahead(struct service *s, const struct pg_call *call, struct subject_lookup *first)
{
	struct exchange x = { .calls = { *call }, .n = 1 };

	add_all(s, &x, first, SUBJECT_CALLER_IS_LEFT);
	pg_ahead(s->pg, x.calls, x.n, subject_is_of_caller(first));
}

bool subject_may_be_long(const struct subject *s)
{
	return (s->find->rows == PG_MANY && !s->is_page) || s->in_one;
}

bool subject_is_of_caller(const struct subject_lookup *first)
{
	for (; first; first = first->next)
		if (first->subject->of_caller)
			return true;
	return false;
}
