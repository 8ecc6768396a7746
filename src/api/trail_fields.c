/*
 * Which fields a request has changed, for the audit trail: their names, never what they say.  Where the row's subject
 * has the field, too, only one that is different afterwards, as the answer has it, counts; else one that was given.
 */
#include "api_priv.h"

#include <string.h>

#include "pg/pg.h"
#include "service/audit.h"

/* What a member says, of any type; NULL text and 0 are nothing. */
struct said {
	const char *text;
	int64_t number;
};

static struct said said(const struct field *f, const void *object)
{
	const void *member = field_value(f, object);

	switch (f->type) {
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_JSON:
	case FIELD_TYPE_DICT:
		return (struct said){ .text = *(const char *const *)member };
	case FIELD_TYPE_INT:
	case FIELD_TYPE_TIME:
	case FIELD_TYPE_STAMP:
		return (struct said){ .number = *(const int64_t *)member };
	case FIELD_TYPE_BOOL:
		return (struct said){ .number = *(const bool *)member ? TRI_TRUE : TRI_FALSE };
	case FIELD_TYPE_TRI:
		return (struct said){ .number = *(const enum tri *)member };
	case FIELD_TYPE_GROUP:
	case FIELD_TYPE_BYTES:
	case FIELD_TYPE_END:
		break;
	}
	return (struct said){ 0 };
}

static bool differ(struct said a, struct said b)
{
	if (a.text && b.text)
		return strcmp(a.text, b.text) != 0;
	return a.text != b.text || a.number != b.number;
}

/* A flag without an unset state is given when it is true. */
static bool is_given(const struct field *f, struct said s)
{
	return s.text || s.number > (f->type == FIELD_TYPE_BOOL ? TRI_FALSE : 0);
}

/* The field of that name with values of the same kind; what is a flag may be one with an unset state. */
static const struct field *counterpart(const struct field *fields, const struct field *of)
{
	for (const struct field *f = fields; f && f->type; f++)
		if (strcmp(f->name, of->name) == 0)
			return f;
	return NULL;
}

/* The answer, where it is made before the commit. */
static const struct field *fields_after(const struct ctx *c)
{
	const struct endpoint *row = c->endpoint;
	bool known =
		row->out && endpoint_result(row) == RESULT_OBJECT && !(row->flags & ROW_AT_ONCE);

	return known ? row->out->fields : NULL;
}

static bool is_changed(const struct ctx *c, const struct field *f)
{
	const struct endpoint *row = c->endpoint;
	const struct said wanted = said(f, c->in);
	const struct field *old =
		row->subject && c->subject ? counterpart(row->subject->find->row, f) : NULL;
	const struct field *now = counterpart(fields_after(c), f);

	if (!old)
		return is_given(f, wanted);
	if (now)
		return differ(said(old, c->subject), said(now, c->out));
	return differ(said(old, c->subject), wanted) &&
	       (is_given(f, wanted) || row->method == METHOD_PUT);
}

void trail_fields(const struct ctx *c, struct audit_entry *ret)
{
	const struct field *fields = c->endpoint->in && c->in ? c->endpoint->in->fields : NULL;
	size_t n = 0;

	for (const struct field *f = fields; f && f->type; f++)
		n++;
	const char **names = arena_alloc(c->arena, (n + 1) * sizeof(*names));

	ret->fields = names;
	for (const struct field *f = fields; f && f->type; f++)
		if (f->in == FIELD_IN_BODY && !(f->flags & FIELD_ALIAS) && is_changed(c, f))
			names[ret->fields_n++] = f->name;
}
