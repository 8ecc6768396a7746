/* Both ways to find a subject: alone, and with another statement. */
#include "service/subject_call.h"

const struct field subject_key_fields[] = {
	FIELD_TEXT(subject_key, domain),
	FIELD_INT(subject_key, caller_id),
	FIELD_INT(subject_key, id),
	FIELD_INT(subject_key, part_id),
	FIELD_TEXT(subject_key, name),
	FIELDS_END,
};

static void complete(struct service *s, struct subject_lookup *l, enum err result)
{
	l->result = result;
	if (result == ERR_OK && l->subject->complete)
		l->result = l->subject->complete(s, l->row);
}

void subject_find(struct service *s, struct subject_lookup *l)
{
	const struct stmt *find = l->subject->find;

	l->row = arena_alloc(s->arena, find->row_size);
	complete(s, l, pg_one(s->pg, find, s->arena, l->row, PG_IN(l->key)));
}

enum err subject_call_with(struct service *s, struct pg_call *call, struct subject_lookup *l)
{
	if (!l)
		return pg_one(s->pg, call->stmt, call->arena, call->ret_row, call->values, call->n);
	l->row = arena_alloc(s->arena, l->subject->find->row_size);
	struct pg_call calls[] = {
		*call,
		{ .stmt = l->subject->find, PG_IN(l->key), .arena = s->arena, .ret_row = l->row },
	};
	enum err e = pg_together(s->pg, calls, 2);

	if (e == ERR_OK || e == ERR_NOT_FOUND)
		e = calls[0].result;
	complete(s, l, calls[1].result);
	return e;
}
