#include "http/json_in.h"

#include <limits.h>

#include <json-c/json.h>

const struct json_limits json_in_limits = {
	.values = 2000,
	.name_bytes = 4096,
	.string_bytes = 1u << 20,
};

static void put_object(void *object)
{
	json_object_put(object);
}

/* Of text that json_scan() has passed, which is stricter than JSON_TOKENER_STRICT: that flag makes json-c 0.18
 * refuse every letter outside ASCII. */
static enum err parse(struct str text, struct json_object **ret, struct json_fault *ret_fault)
{
	/* json-c counts a level more than we do: the scalar inside the deepest container. */
	struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	enum err e = ERR_OK;

	if (!tok)
		return ERR_INTERNAL;
	struct json_object *object = json_tokener_parse_ex(tok, text.p, (int)text.n);

	if (object) {
		*ret = object;
	} else {
		enum json_tokener_error why = json_tokener_get_error(tok);

		*ret_fault = (struct json_fault){ json_tokener_get_parse_end(tok),
			json_tokener_error_desc(why) };
		e = ERR_BAD_JSON;
	}
	json_tokener_free(tok);
	return e;
}

enum err json_in_object(
	struct arena *a, struct str text, struct json_object **ret, struct json_fault *ret_fault)
{
	struct json_object *object;
	enum err e = json_scan(text, &json_in_limits, ret_fault);

	if (e != ERR_OK)
		return e;
	text = str_trim(text);
	if (text.p[0] != '{' || text.n > INT_MAX) {
		*ret_fault = (struct json_fault){ 0, "an object is expected" };
		return ERR_BAD_JSON;
	}
	e = parse(text, &object, ret_fault);
	if (e != ERR_OK)
		return e;
	arena_defer(a, put_object, object);
	*ret = object;
	return ERR_OK;
}
