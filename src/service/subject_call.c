/* Both ways to find a subject: alone, and with another statement. */
#include "service/subject_call.h"

#define KEY_MEMBERS 4

/* The values of $1, $2...: the members of the key that the subject names, in its order. */
static size_t values_of(const struct subject_lookup *l, struct pg_value *values)
{
	size_t n = 0;

	FIELD_FOR_EACH(f, l->subject->find_by) {
		const void *member = field_value(f, l->key);

		values[n++] = f->type == FIELD_TYPE_INT ? pg_int(*(const int64_t *)member)
							: pg_text(*(const char *const *)member);
	}
	return n;
}

static struct pg_call call_of(
	struct service *s, struct subject_lookup *l, struct pg_value values[KEY_MEMBERS])
{
	const struct stmt *find = l->subject->find;

	l->row = arena_alloc(s->arena, find->row_size);
	return (struct pg_call){ .stmt = find,
		.values = values,
		.n = values_of(l, values),
		.arena = s->arena,
		.ret_row = l->row };
}

static void complete(struct service *s, struct subject_lookup *l, enum err result)
{
	l->result = result;
	if (result == ERR_OK && l->subject->complete)
		l->result = l->subject->complete(s, l->row);
}

void subject_find(struct service *s, struct subject_lookup *l)
{
	struct pg_value values[KEY_MEMBERS];
	struct pg_call call = call_of(s, l, values);

	complete(s, l, pg_one(s->pg, call.stmt, s->arena, l->row, call.values, call.n));
}

enum err subject_call_with(struct service *s, struct pg_call *call, struct subject_lookup *l)
{
	struct pg_value values[KEY_MEMBERS];

	if (!l)
		return pg_one(s->pg, call->stmt, call->arena, call->ret_row, call->values, call->n);
	struct pg_call calls[] = { *call, call_of(s, l, values) };
	enum err e = pg_together(s->pg, calls, 2);

	if (e == ERR_OK || e == ERR_NOT_FOUND)
		e = calls[0].result;
	complete(s, l, calls[1].result);
	return e;
}
