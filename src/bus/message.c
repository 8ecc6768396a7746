#include "bus/message.h"

#include "base/json_writer.h"
#include "message_priv.h"

const struct message_part message_parts[] = {
#define PART(key, type, member)                                    \
	{                                                          \
		key, PART_##type, offsetof(struct message, member) \
	}
	PART("i", TEXT, id),
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
	PART("o", OP, op),
	PART("all", BOOL, all),
	PART("but", TEXT, but),
	PART("old", TEXT, old_jti),
	PART("new", TEXT, new_jti),
	PART("rooms", LIST, rooms),
	PART("ext", LIST, ext),
	PART("pv", INT, pv),
	PART("why", TEXT, why),
	PART("how", TEXT, how),
	PART("rate", INT, rate),
	{ 0 },
};

const char *const message_op_names[] = {
	[MESSAGE_REVOKE] = "revoke",
	[MESSAGE_REBIND] = "rebind",
	[MESSAGE_PERM] = "perm",
	[MESSAGE_TAKEOVER] = "takeover",
	[MESSAGE_TAKEN] = "taken",
	[MESSAGE_KICK] = "kick",
	[MESSAGE_DRAIN] = "drain",
	[MESSAGE_RESYNC] = "resync",
	[MESSAGE_RESYNC + 1] = NULL,
};

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

static void part_write(struct json_writer *w, const struct message_part *p, const struct message *m)
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
		text_write(w, p->key, message_op_names[*(const enum message_op *)member]);
		break;
	case PART_BOOL:
		if (!*(const bool *)member)
			break;
		json_key(w, p->key);
		json_flag(w, true);
	}
}

void message_write(struct buf *out, const struct message *m)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_begin(&w);
	int_write(&w, "v", MESSAGE_VERSION);
	text_write(&w, "k", m->kind == MESSAGE_CONTROL ? "c" : "e");
	for (const struct message_part *p = message_parts; p->key; p++)
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
