#include "bus/message.h"

#include <json-c/json.h>
#include <string.h>

#include "base/utf8.h"
#include "message_priv.h"

#define HEADER_DEPTH  4
#define PAYLOAD_DEPTH 64

/* The whole of s as one JSON value, strictly; NULL when it is not. */
static json_object *json_read(struct str s, int depth)
{
	json_tokener *tok = json_tokener_new_ex(depth);
	json_object *o;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(tok, s.p, (int)s.n);
	if (json_tokener_get_error(tok) != json_tokener_success ||
		json_tokener_get_parse_end(tok) != s.n) {
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(tok);
	return o;
}

static bool text_read(json_object *o, struct arena *arena, const char **ret)
{
	if (!json_object_is_type(o, json_type_string))
		return false;
	*ret = arena_strndup(
		arena, json_object_get_string(o), (size_t)json_object_get_string_len(o));
	return true;
}

static bool int_read(json_object *o, int64_t *ret)
{
	if (!json_object_is_type(o, json_type_int))
		return false;
	*ret = json_object_get_int64(o);
	return *ret >= 0;
}

static bool list_read(json_object *o, struct arena *arena, struct message_list *ret)
{
	const char **items;
	size_t n;

	if (!json_object_is_type(o, json_type_array))
		return false;
	n = json_object_array_length(o);
	items = arena_alloc(arena, n * sizeof(*items));
	for (size_t i = 0; i < n; i++)
		if (!text_read(json_object_array_get_idx(o, i), arena, &items[i]))
			return false;
	*ret = (struct message_list){ items, n };
	return true;
}

static bool op_read(json_object *o, enum message_op *ret)
{
	for (size_t i = MESSAGE_OP_NONE + 1; message_op_names[i]; i++)
		if (json_object_is_type(o, json_type_string) &&
			strcmp(json_object_get_string(o), message_op_names[i]) == 0) {
			*ret = (enum message_op)i;
			return true;
		}
	return false;
}

static bool part_read(
	const struct message_part *p, json_object *header, struct arena *arena, struct message *m)
{
	void *member = (char *)m + p->offset;
	json_object *o;

	if (!json_object_object_get_ex(header, p->key, &o))
		return true;
	switch (p->type) {
	case PART_TEXT:
		return text_read(o, arena, member);
	case PART_INT:
		return int_read(o, member);
	case PART_LIST:
		return list_read(o, arena, member);
	case PART_OP:
		return op_read(o, member);
	case PART_BOOL:
		*(bool *)member = json_object_get_boolean(o);
		return json_object_is_type(o, json_type_boolean);
	}
	return false;
}

static bool by_read(json_object *header, struct arena *arena, struct message *m)
{
	json_object *by, *o;

	if (!json_object_object_get_ex(header, "by", &by))
		return true;
	return json_object_object_get_ex(by, "relay", &o) && text_read(o, arena, &m->by_relay) &&
	       json_object_object_get_ex(by, "sid", &o) && text_read(o, arena, &m->by_sid);
}

static bool kind_read(json_object *header, struct message *m)
{
	json_object *o;
	int64_t version;
	const char *kind;

	if (!json_object_object_get_ex(header, "v", &o) || !int_read(o, &version) ||
		version != MESSAGE_VERSION || !json_object_object_get_ex(header, "k", &o) ||
		!json_object_is_type(o, json_type_string))
		return false;
	kind = json_object_get_string(o);
	m->kind = strcmp(kind, "c") == 0 ? MESSAGE_CONTROL : MESSAGE_EVENT;
	return m->kind == MESSAGE_CONTROL || strcmp(kind, "e") == 0;
}

static bool header_read(json_object *header, struct arena *arena, struct message *m)
{
	if (!json_object_is_type(header, json_type_object) || !kind_read(header, m) ||
		!by_read(header, arena, m))
		return false;
	for (const struct message_part *p = message_parts; p->key; p++)
		if (!part_read(p, header, arena, m))
			return false;
	return true;
}

/* None belongs into JSON on one line: inside a string they are escaped. */
static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ')
			return true;
	return false;
}

/* A second line for an event, an operation for a control message, and not the other way round. */
static enum err whole_check(const struct message *m)
{
	if (m->kind == MESSAGE_CONTROL)
		return m->op && !m->payload.n ? ERR_OK : ERR_PROTOCOL;
	if (m->payload.n > MESSAGE_PAYLOAD_MAX)
		return ERR_LIMIT;
	if (m->op || !str_starts(m->payload, "[") || has_control(m->payload) ||
		!utf8_is_valid(m->payload.p, m->payload.n))
		return ERR_PROTOCOL;
	return ERR_OK;
}

static enum err headed_parse(struct str raw, struct arena *arena, struct message *m)
{
	struct str rest = raw, line = str_split(&rest, '\n');
	json_object *header;
	bool ok;

	if (line.n > MESSAGE_HEADER_MAX)
		return ERR_LIMIT;
	header = json_read(line, HEADER_DEPTH);
	ok = header && header_read(header, arena, m);
	json_object_put(header);
	m->payload = rest;
	return ok ? whole_check(m) : ERR_PROTOCOL;
}

/* Broken JSON would make every client that gets it close its connection. */
static enum err bare_parse(struct str raw, struct arena *arena, struct message *m)
{
	json_object *array;
	bool ok;

	if (raw.n > MESSAGE_PAYLOAD_MAX)
		return ERR_LIMIT;
	m->payload = raw;
	array = json_read(raw, PAYLOAD_DEPTH);
	ok = json_object_is_type(array, json_type_array) && json_object_array_length(array) > 0 &&
	     text_read(json_object_array_get_idx(array, 0), arena, &m->name);
	json_object_put(array);
	return ok ? whole_check(m) : ERR_PROTOCOL;
}

enum err message_parse(struct str raw, struct arena *arena, struct message *ret)
{
	struct message m = { 0 };
	enum err e = ERR_PROTOCOL;

	raw = str_trim(raw);
	if (str_starts(raw, "{"))
		e = headed_parse(raw, arena, &m);
	else if (str_starts(raw, "["))
		e = bare_parse(raw, arena, &m);
	if (e == ERR_OK)
		*ret = m;
	return e;
}
