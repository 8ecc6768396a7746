#include "http/param.h"

#include <string.h>

#include <json-c/json.h>
#include <json-c/json_visit.h>

#include "base/clock.h"
#include "base/iso8601.h"
#include "base/utf8.h"

bool param_text(const struct param *p, struct str *ret)
{
	if (!p->is_json) {
		*ret = p->text;
		return true;
	}
	if (!json_object_is_type(p->json, json_type_string))
		return false;
	*ret = (struct str){ json_object_get_string(p->json),
		(size_t)json_object_get_string_len(p->json) };
	return true;
}

static bool int_of_text(struct str s, int64_t *ret)
{
	bool negative = s.n && s.p[0] == '-';
	uint64_t v;

	if (negative)
		s = (struct str){ s.p + 1, s.n - 1 };
	if (!str_to_uint(s, INT64_MAX, &v))
		return false;
	*ret = negative ? -(int64_t)v : (int64_t)v;
	return true;
}

bool param_int(const struct param *p, int64_t *ret)
{
	struct str s;

	if (param_text(p, &s))
		return int_of_text(str_trim(s), ret);
	if (!json_object_is_type(p->json, json_type_int))
		return false;
	*ret = json_object_get_int64(p->json);
	return true;
}

static enum tri tri_of_text(struct str s, bool words)
{
	if (str_is(s, "1") || (words && str_is(s, "true")))
		return TRI_TRUE;
	if (str_is(s, "0") || (words && str_is(s, "false")))
		return TRI_FALSE;
	return TRI_UNSET;
}

enum tri param_tri(const struct param *p)
{
	struct str s;

	if (param_text(p, &s))
		return tri_of_text(str_trim(s), !p->is_json);
	if (json_object_is_type(p->json, json_type_boolean))
		return json_object_get_boolean(p->json) ? TRI_TRUE : TRI_FALSE;
	if (!json_object_is_type(p->json, json_type_int))
		return TRI_UNSET;
	int64_t v = json_object_get_int64(p->json);

	if (v != 0 && v != 1)
		return TRI_UNSET;
	return v ? TRI_TRUE : TRI_FALSE;
}

bool param_stamp(const struct param *p, int64_t *ret_us)
{
	struct str s;

	if (!param_text(p, &s))
		return false;
	s = str_trim(s);
	return s.n == CLOCK_SQL_SIZE - 1 && clock_sql_parse(s, ret_us);
}

bool param_instant(const struct param *p, int64_t *ret_us)
{
	struct str s;
	int64_t us;

	if (!param_text(p, &s) || !iso8601_parse(str_trim(s), &us) || us == 0)
		return false;
	*ret_us = us;
	return true;
}

static const char *compact(struct arena *a, struct json_object *v)
{
	const int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;

	return arena_strdup(a, json_object_to_json_string_ext(v, flags));
}

/* Copies one entry, trimmed; false when it is no short text. */
static bool copy_entry(struct json_object *to, const char *name, struct json_object *value)
{
	struct param p = { .is_json = true, .json = value };
	struct str s;

	if (!*name || utf8_length(name, strlen(name)) > DICT_NAME_MAX || !param_text(&p, &s))
		return false;
	s = str_trim(s);
	if (utf8_length(s.p, s.n) > DICT_VALUE_MAX || memchr(s.p, '\0', s.n))
		return false;
	json_object_object_add(to, name, json_object_new_string_len(s.p, (int)s.n));
	return true;
}

static bool copy_entries(struct json_object *to, struct json_object *from)
{
	json_object_object_foreach(from, name, value)
	{
		if (!copy_entry(to, name, value))
			return false;
	}
	return true;
}

static bool is_empty_array(const struct json_object *v)
{
	return json_object_is_type(v, json_type_array) && json_object_array_length(v) == 0;
}

bool param_dict(const struct param *p, struct arena *a, const char **ret)
{
	if (p->is_json && is_empty_array(p->json)) {
		*ret = "{}";
		return true;
	}
	if (!p->is_json || !json_object_is_type(p->json, json_type_object))
		return false;
	struct json_object *copy = json_object_new_object();
	bool good = copy_entries(copy, p->json);

	if (good)
		*ret = compact(a, copy);
	json_object_put(copy);
	return good;
}

static int stop_at_nul(struct json_object *v, int flags, struct json_object *parent,
	const char *name, size_t *index, void *ret_found)
{
	bool *found = ret_found;

	(void)flags, (void)parent, (void)name, (void)index;
	if (json_object_is_type(v, json_type_string))
		*found = memchr(json_object_get_string(v), '\0',
				 (size_t)json_object_get_string_len(v)) != NULL;
	return *found ? JSON_C_VISIT_RETURN_STOP : JSON_C_VISIT_RETURN_CONTINUE;
}

bool param_json(const struct param *p, struct arena *a, const char **ret)
{
	bool has_nul = false;

	if (!p->is_json)
		return false;
	json_c_visit(p->json, 0, stop_at_nul, &has_nul);
	if (has_nul)
		return false;
	*ret = compact(a, p->json);
	return true;
}
