#include "http/bind.h"

#include "base/field_check.h"
#include "base/nfc.h"
#include "base/sip_address.h"

/* One field, its value, and the name under which the client gave it. */
struct binding {
	const struct field *field;
	const struct param *param;
	const char *name;
	const char *group; /* whose member it is; NULL: none */
	struct arena *arena;
	struct nfc_changes *changes;
	struct field_errors *errors;
	void *object, *member;
};

static bool refuse(struct binding *b, const struct text *text)
{
	field_errors_add(b->errors, b->name, text);
	return false;
}

static struct str trimmed(const struct field *f, struct str s)
{
	return f->flags & FIELD_RAW ? s : str_trim(s);
}

static bool has_value(const struct field *f, const struct param *p)
{
	struct str s;

	if (!p)
		return false;
	if (p->is_json && !p->json)
		return f->flags & FIELD_NULL;
	return !param_text(p, &s) || trimmed(f, s).n > 0;
}

/* Numbers to call, codes and names of digits come as JSON numbers too (accounts-api 1.3). */
static bool text_of_number(struct binding *b, struct str *ret)
{
	int64_t v;

	if (!param_int(b->param, &v) || v < 0 || v == INT64_MAX) /* what json-c makes of more */
		return false;
	*ret = str_from(arena_printf(b->arena, "%lld", (long long)v));
	return true;
}

static bool bind_text(struct binding *b)
{
	struct str s;

	if (!param_text(b->param, &s) && !text_of_number(b, &s))
		return refuse(b, &text_type);
	s = trimmed(b->field, s);
	if (b->field->flags & (FIELD_RAW | FIELD_NFC))
		s = nfc_text(b->arena, s, b->changes);
	if (b->field->flags & FIELD_DOMAIN)
		s = str_from(sip_domain(b->arena, s));
	if (!field_check_text(b->field, b->name, s, b->errors))
		return false;
	*(const char **)b->member = arena_strndup(b->arena, s.p, s.n);
	return true;
}

static bool bind_int(struct binding *b)
{
	int64_t v;

	if (!param_int(b->param, &v))
		return refuse(b, &text_int);
	if (!field_check_int(b->field, b->name, v, b->errors))
		return false;
	*(int64_t *)b->member = v;
	return true;
}

static bool bind_tri(struct binding *b)
{
	enum tri v = param_tri(b->param);

	if (v == TRI_UNSET)
		return refuse(b, &text_bool);
	if (b->field->type == FIELD_TYPE_BOOL)
		*(bool *)b->member = v == TRI_TRUE;
	else
		*(enum tri *)b->member = v;
	return true;
}

static enum err bind_members(const struct field *fields, const struct params *params,
	const char *group, struct field_errors *errors, void *object);

/* Their members are told by name. */
static bool bind_group(struct binding *b)
{
	struct params members;

	params_init(&members, b->arena);
	if (!params_add_members(&members, b->param))
		return refuse(b, &text_type);
	return bind_members(b->field->members, &members, b->name, b->errors, b->object) == ERR_OK;
}

static bool bind_value(struct binding *b)
{
	switch (b->field->type) {
	case FIELD_TYPE_TEXT:
		return bind_text(b);
	case FIELD_TYPE_INT:
		return bind_int(b);
	case FIELD_TYPE_BOOL:
	case FIELD_TYPE_TRI:
		return bind_tri(b);
	case FIELD_TYPE_TIME:
		return param_instant(b->param, b->member) || refuse(b, &text_iso_date);
	case FIELD_TYPE_STAMP:
		return param_stamp(b->param, b->member) || refuse(b, &text_date);
	case FIELD_TYPE_GROUP:
		return bind_group(b);
	case FIELD_TYPE_DICT:
		return param_dict(b->param, b->arena, b->member) || refuse(b, &text_dictionary);
	case FIELD_TYPE_JSON:
		return param_json(b->param, b->arena, b->member) || refuse(b, &text_type);
	case FIELD_TYPE_BYTES:
	case FIELD_TYPE_END:
		break;
	}
	return refuse(b, &text_forbidden_field);
}

static const char *name_of(const struct binding *b, const struct field *f)
{
	return b->group ? arena_printf(b->arena, "%s.%s", b->group, f->name) : f->name;
}

/* The value under the field's own name, else under the first of its older names that has one. */
static void find_value(struct binding *b, const struct params *params)
{
	const struct field *f = b->field;

	do {
		b->param = params_get(params, f->in, f->name);
		b->name = name_of(b, f);
		f++;
	} while (!has_value(b->field, b->param) && (f->flags & FIELD_ALIAS));
	if (has_value(b->field, b->param))
		return;
	b->param = NULL;
	b->name = name_of(b, b->field);
}

static bool bind_field(struct binding *b, const struct params *params)
{
	find_value(b, params);
	if (b->param)
		return bind_value(b);
	if (b->field->flags & FIELD_REQUIRED)
		return refuse(b, &text_required);
	return true;
}

static enum err bind_members(const struct field *fields, const struct params *params,
	const char *group, struct field_errors *errors, void *object)
{
	enum err e = ERR_OK;

	FIELD_FOR_EACH(f, fields) {
		struct binding b = { .field = f,
			.group = group,
			.arena = params->arena,
			.changes = params->changes,
			.errors = errors,
			.object = object,
			.member = field_member(f, object) };

		if ((f->flags & FIELD_ALIAS) || bind_field(&b, params))
			continue;
		if (f->in == FIELD_IN_PATH)
			e = ERR_NOT_FOUND;
		else if (e == ERR_OK)
			e = ERR_INVALID;
	}
	return e;
}

enum err bind_fields(const struct field *fields, const struct params *params,
	struct field_errors *errors, void *object)
{
	return bind_members(fields, params, NULL, errors, object);
}
