#include <string.h>

#include "base/json_fields.h"
#include "base/json_slice.h"
#include "events/exten_state.h"

/* Both as they are written: status and ends of a conversation have other types in the structs. */
struct written_state {
	struct exten_state state;
	const char *status, *conversations;
};

struct written_conversation {
	struct conversation conversation;
	const char *direction, *source, *dest;
};

struct written_channel {
	const char *channel;
};

static const struct field state_fields[] = {
	FIELD_TEXT_AS(written_state, state.exten, "exten"),
	FIELD_TEXT_AS(written_state, state.name, "name"),
	FIELD_TEXT_AS(written_state, state.username, "username"),
	FIELD_TEXT_AS(written_state, state.ip, "ip"),
	FIELD_TEXT_AS(written_state, state.port, "port"),
	FIELD_TEXT_AS(written_state, state.user_agent, "sipuseragent"),
	FIELD_BOOL_AS(written_state, state.dnd, "dnd"),
	FIELD_INT_AS(written_state, state.seq, "seq"),
	FIELD_TEXT(written_state, status),
	FIELD_JSON(written_state, conversations),
	FIELDS_END,
};

static const struct field conversation_fields[] = {
	FIELD_TEXT_AS(written_conversation, conversation.id, "id"),
	FIELD_TEXT_AS(written_conversation, conversation.linked_id, "linkedId"),
	FIELD_TEXT_AS(written_conversation, conversation.unique_id, "uniqueId"),
	FIELD_TEXT_AS(written_conversation, conversation.counterpart_num, "counterpartNum"),
	FIELD_TEXT_AS(written_conversation, conversation.counterpart_name, "counterpartName"),
	FIELD_INT_AS(written_conversation, conversation.start_ms, "startTime"),
	FIELD_BOOL_AS(written_conversation, conversation.connected, "connected"),
	FIELD_BOOL_AS(written_conversation, conversation.on_hold, "onHold"),
	FIELD_BOOL_AS(written_conversation, conversation.through_queue, "throughQueue"),
	FIELD_TEXT(written_conversation, direction),
	FIELD_JSON_AS(written_conversation, source, "chSource"),
	FIELD_JSON_AS(written_conversation, dest, "chDest"),
	FIELDS_END,
};

static const struct field channel_fields[] = { FIELD_TEXT(written_channel, channel), FIELDS_END };

static bool read_status(const char *name, enum exten_status *ret)
{
	for (enum exten_status s = EXTEN_BUSY; name && s < EXTEN_STATUSES; s++)
		if (strcmp(exten_status_names[s], name) == 0) {
			*ret = s;
			return true;
		}
	return false;
}

static bool read_channel(const char *json, struct arena *arena, const char **ret)
{
	struct written_channel channel = { 0 };

	if (json && !json_fields_read(channel_fields, str_from(json), arena, &channel))
		return false;
	*ret = channel.channel;
	return true;
}

static bool read_conversation(struct str json, struct arena *arena, struct conversation *ret)
{
	struct written_conversation w = { 0 };
	struct conversation *c = &w.conversation;

	if (!json_fields_read(conversation_fields, json, arena, &w) || !c->id || !w.direction ||
		!read_channel(w.source, arena, &c->source_channel) ||
		!read_channel(w.dest, arena, &c->dest_channel))
		return false;
	c->outgoing = strcmp(w.direction, "out") == 0;
	*ret = *c;
	return true;
}

static size_t members(struct str object)
{
	struct str rest = object, value;
	size_t n = 0;

	while (json_slice_next(&rest, NULL, &value))
		n++;
	return n;
}

static bool read_conversations(struct str object, struct arena *arena, struct exten_state *ret)
{
	struct conversation *list = arena_alloc(arena, members(object) * sizeof(*list));
	struct str rest = object, value;
	size_t n = 0;

	while (json_slice_next(&rest, NULL, &value))
		if (!read_conversation(value, arena, &list[n++]))
			return false;
	ret->conversations = list;
	ret->conversations_n = n;
	return true;
}

static bool read_state(struct str json, struct arena *arena, struct exten_state *ret)
{
	struct written_state w = { 0 };
	struct str conversations;

	if (!json_fields_read(state_fields, json, arena, &w) || !w.state.exten ||
		!w.state.username || !w.conversations)
		return false;
	conversations = str_from(w.conversations);
	if (json_slice_kind(conversations) != JSON_OBJECT ||
		!read_status(w.status, &w.state.status) ||
		!read_conversations(conversations, arena, &w.state))
		return false;
	*ret = w.state;
	return true;
}

enum err exten_state_read(struct str json, struct arena *arena, struct exten_state *ret)
{
	return read_state(json, arena, ret) ? ERR_OK : ERR_PROTOCOL;
}
