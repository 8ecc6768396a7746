#include "http/params.h"

#include <string.h>

#include <json-c/json.h>

#include "base/encode.h"

#define FIRST_CAP 16

void params_init(struct params *p, struct arena *a)
{
	*p = (struct params){ .arena = a };
}

static void append(struct params *p, struct param param)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : FIRST_CAP;
		struct param *list = arena_alloc(p->arena, cap * sizeof(*list));

		if (p->n)
			memcpy(list, p->list, p->n * sizeof(*list));
		p->list = list;
		p->cap = cap;
	}
	p->list[p->n++] = param;
}

void params_add_path(struct params *p, struct str name, struct str value)
{
	append(p, (struct param){ .name = name, .in = FIELD_IN_PATH, .text = value });
}

static enum err add_pair(struct params *p, enum field_in in, struct str pair)
{
	struct str name = str_split(&pair, '='), value = { "", 0 };

	if (!percent_decode_text(p->arena, name, PERCENT_PLUS, &name))
		return ERR_BAD_REQUEST;
	if (pair.p && !percent_decode_text(p->arena, pair, PERCENT_PLUS, &value))
		return ERR_BAD_REQUEST;
	if (p->n >= PARAMS_MAX)
		return ERR_BAD_REQUEST;
	append(p, (struct param){ .name = name, .in = in, .text = value });
	return ERR_OK;
}

enum err params_add_form(struct params *p, enum field_in in, struct str text)
{
	while (text.n) {
		struct str pair = str_split(&text, '&');
		enum err e = pair.n ? add_pair(p, in, pair) : ERR_OK;

		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err params_add_json(struct params *p, struct json_object *object)
{
	p->whole = (struct param){ .in = FIELD_IN_WHOLE, .is_json = true, .json = object };
	json_object_object_foreach(object, name, value)
	{
		if (p->n >= PARAMS_MAX)
			return ERR_BAD_REQUEST;
		append(p, (struct param){ .name = str_from(name),
				  .in = FIELD_IN_BODY,
				  .is_json = true,
				  .json = value });
	}
	return ERR_OK;
}

bool params_add_members(struct params *p, const struct param *object)
{
	return object->is_json && json_object_is_type(object->json, json_type_object) &&
	       params_add_json(p, object->json) == ERR_OK;
}

static const struct param *last_of(const struct params *p, enum field_in in, const char *name)
{
	for (size_t i = p->n; i > 0; i--)
		if (p->list[i - 1].in == in && str_is(p->list[i - 1].name, name))
			return &p->list[i - 1];
	return NULL;
}

const struct param *params_get(const struct params *p, enum field_in in, const char *name)
{
	if (in == FIELD_IN_WHOLE)
		return p->whole.json ? &p->whole : NULL;
	const struct param *found = last_of(p, in, name);

	if (!found && in == FIELD_IN_BODY)
		found = last_of(p, FIELD_IN_QUERY, name);
	return found;
}
