#include "redis/message.h"

#include <string.h>

#include "base/json_slice.h"
#include "base/json_writer.h"
#include "base/utf8.h"

#define MESSAGE_VERSION 1

enum part_type { PART_TEXT, PART_INT, PART_BOOL, PART_LIST, PART_OP };

struct part {
	const char *key;
	enum part_type type;
	size_t offset; /* in struct message */
};

/* The header, for writing and reading. v, k and by stand outside. */
static const struct part parts[] = {
#define PART(key, type, member)                                    \
	{                                                          \
		key, PART_##type, offsetof(struct message, member) \
	}
	PART("i", TEXT, id),
	PART("r", TEXT, request_id),
	PART("t", INT, time_ms),
	PART("s", INT, sequence),
	PART("e", TEXT, epoch),
	PART("n", TEXT, name),
	PART("f", INT, flags),
	PART("c", TEXT, coalesce_key),
	PART("a", TEXT, ua_type),
	PART("x", LIST, skip_users),
	PART("j", LIST, jtis),
	PART("q", LIST, sids),
	PART("d", INT, max_age_ms),
	PART("u", TEXT, user),
	PART("o", OP, op),
	PART("all", BOOL, all),
	PART("but", TEXT, but),
	PART("old", TEXT, old_jti),
	PART("new", TEXT, new_jti),
	PART("rooms", LIST, rooms),
	PART("ext", LIST, ext),
	PART("cap", LIST, capabilities),
	PART("pv", INT, pv),
	PART("why", TEXT, why),
	PART("how", TEXT, how),
	PART("rate", INT, rate),
	{ 0 },
};

static const char *const op_names[] = {
	[MESSAGE_REVOKE] = "revoke",
	[MESSAGE_REBIND] = "rebind",
	[MESSAGE_PERM] = "perm",
	[MESSAGE_TAKEOVER] = "takeover",
	[MESSAGE_TAKEN] = "taken",
	[MESSAGE_KICK] = "kick",
	[MESSAGE_DRAIN] = "drain",
	[MESSAGE_RESYNC] = "resync",
	[MESSAGE_ROLL_CALL] = "roll_call",
	[MESSAGE_ROLL_CALL + 1] = NULL,
};

const char *message_op_name(enum message_op op)
{
	return op_names[op];
}

static void text_write(struct json_writer *w, const char *key, const char *s)
{
	if (!s)
		return;
	json_key(w, key);
	json_text(w, s);
}

static void int_write(struct json_writer *w, const char *key, int64_t v)
{
	if (!v)
		return;
	json_key(w, key);
	json_int(w, v);
}

static void list_write(struct json_writer *w, const char *key, const struct message_list *list)
{
	if (!list->n)
		return;
	json_key(w, key);
	json_array_begin(w);
	for (size_t i = 0; i < list->n; i++)
		json_text(w, list->items[i]);
	json_array_end(w);
}

static void part_write(struct json_writer *w, const struct part *p, const struct message *m)
{
	const void *member = (const char *)m + p->offset;

	switch (p->type) {
	case PART_TEXT:
		text_write(w, p->key, *(const char *const *)member);
		break;
	case PART_INT:
		int_write(w, p->key, *(const int64_t *)member);
		break;
	case PART_LIST:
		list_write(w, p->key, member);
		break;
	case PART_OP:
		text_write(w, p->key, op_names[*(const enum message_op *)member]);
		break;
	case PART_BOOL:
		if (!*(const bool *)member)
			break;
		json_key(w, p->key);
		json_flag(w, true);
	}
}

bool message_list_has(const struct message_list *list, const char *item)
{
	for (size_t i = 0; item && i < list->n; i++)
		if (strcmp(list->items[i], item) == 0)
			return true;
	return false;
}

void message_write(struct buf *out, const struct message *m)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_begin(&w);
	int_write(&w, "v", MESSAGE_VERSION);
	text_write(&w, "k", m->kind == MESSAGE_CONTROL ? "c" : "e");
	for (const struct part *p = parts; p->key; p++)
		part_write(&w, p, m);
	if (m->by_relay) {
		json_key(&w, "by");
		json_object_begin(&w);
		text_write(&w, "relay", m->by_relay);
		text_write(&w, "sid", m->by_sid);
		json_object_end(&w);
	}
	json_object_end(&w);
	if (m->kind == MESSAGE_CONTROL)
		return;
	buf_add_char(out, '\n');
	buf_add(out, m->payload.p, m->payload.n);
}

static bool text_read(struct str value, struct arena *arena, const char **ret)
{
	char *text = arena_alloc(arena, value.n + 1);
	size_t n;

	*ret = text;
	return json_slice_text(value, text, value.n + 1, &n);
}

static bool int_read(struct str value, int64_t *ret)
{
	uint64_t n;

	if (!json_slice_uint(value, INT64_MAX, &n))
		return false;
	*ret = (int64_t)n;
	return true;
}

static bool list_read(struct str value, struct arena *arena, struct message_list *ret)
{
	struct str rest = value, item;
	const char **items;
	size_t n = 0;

	if (json_slice_kind(value) != JSON_ARRAY)
		return false;
	items = arena_alloc(arena, json_slice_count(value) * sizeof(*items));
	while (json_slice_next(&rest, NULL, &item))
		if (!text_read(item, arena, &items[n++]))
			return false;
	*ret = (struct message_list){ items, n };
	return true;
}

static bool op_read(struct str value, struct arena *arena, enum message_op *ret)
{
	const char *name;

	if (!text_read(value, arena, &name))
		return false;
	for (size_t i = MESSAGE_OP_NONE + 1; op_names[i]; i++)
		if (strcmp(name, op_names[i]) == 0) {
			*ret = (enum message_op)i;
			return true;
		}
	return false;
}

static bool flag_read(struct str value, bool *ret)
{
	*ret = json_slice_kind(value) == JSON_TRUE;
	return *ret || json_slice_kind(value) == JSON_FALSE;
}

static bool part_read(
	const struct part *p, struct str value, struct arena *arena, struct message *m)
{
	void *member = (char *)m + p->offset;

	switch (p->type) {
	case PART_TEXT:
		return text_read(value, arena, member);
	case PART_INT:
		return int_read(value, member);
	case PART_LIST:
		return list_read(value, arena, member);
	case PART_OP:
		return op_read(value, arena, member);
	case PART_BOOL:
		return flag_read(value, member);
	}
	return false;
}

static bool by_read(struct str header, struct arena *arena, struct message *m)
{
	struct str by, relay, sid;

	if (!json_slice_member(header, "by", &by))
		return true;
	return json_slice_member(by, "relay", &relay) && text_read(relay, arena, &m->by_relay) &&
	       json_slice_member(by, "sid", &sid) && text_read(sid, arena, &m->by_sid);
}

static bool kind_read(struct str header, struct message *m)
{
	struct str value;
	uint64_t version;
	char kind[2];
	size_t n;

	if (!json_slice_member(header, "v", &value) ||
		!json_slice_uint(value, UINT64_MAX, &version) || version != MESSAGE_VERSION ||
		!json_slice_member(header, "k", &value) ||
		!json_slice_text(value, kind, sizeof(kind), &n))
		return false;
	m->kind = strcmp(kind, "c") == 0 ? MESSAGE_CONTROL : MESSAGE_EVENT;
	return m->kind == MESSAGE_CONTROL || strcmp(kind, "e") == 0;
}

static bool member_read(struct str key, struct str value, struct arena *arena, struct message *m)
{
	char name[8];
	size_t n;

	if (!json_slice_text(key, name, sizeof(name), &n))
		return true;
	for (const struct part *p = parts; p->key; p++)
		if (strcmp(p->key, name) == 0)
			return part_read(p, value, arena, m);
	return true;
}

static bool header_read(struct str header, struct arena *arena, struct message *m)
{
	struct str rest = header, key, value;

	if (!utf8_is_valid(header.p, header.n) || !json_slice_is_valid(header) ||
		json_slice_kind(header) != JSON_OBJECT || !kind_read(header, m) ||
		!by_read(header, arena, m))
		return false;
	while (json_slice_next(&rest, &key, &value))
		if (!member_read(key, value, arena, m))
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
	struct str line = str_split(&raw, '\n');

	if (line.n > MESSAGE_HEADER_MAX)
		return ERR_LIMIT;
	m->payload = raw;
	return header_read(str_trim(line), arena, m) ? whole_check(m) : ERR_PROTOCOL;
}

/* Broken JSON would make every client that gets it close its connection. */
static enum err bare_parse(struct str raw, struct arena *arena, struct message *m)
{
	struct str rest = raw, name;

	if (raw.n > MESSAGE_PAYLOAD_MAX)
		return ERR_LIMIT;
	m->payload = raw;
	return json_slice_is_valid(raw) && json_slice_next(&rest, NULL, &name) &&
			       text_read(name, arena, &m->name)
		       ? whole_check(m)
		       : ERR_PROTOCOL;
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
