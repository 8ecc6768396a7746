#include "events/exten_state.h"

#include <string.h>

#include "permissions/mask.h"

#define MASKING_BLOCK     1024
#define MILLIS_PER_SECOND 1000
#define UNKNOWN           "<unknown>" /* cti-api 2.6 */

const char *const exten_status_names[EXTEN_STATUSES + 1] = {
	[EXTEN_BUSY] = "busy",
	[EXTEN_BUSY_RINGING] = "busy_ringing",
	[EXTEN_RINGING] = "ringing",
	[EXTEN_ON_HOLD] = "onhold",
	[EXTEN_ONLINE] = "online",
	[EXTEN_OFFLINE] = "offline",
};

struct writing {
	struct json_writer *w;
	const struct exten_state *x;
	enum room_view view;
	int64_t now_ms;
	struct arena *arena; /* of what is masked */
};

static bool is_masked(const struct writing *t, const struct conversation *c)
{
	return t->view == VIEW_MASKED || (t->view == VIEW_CLEAR_IN_QUEUES && !c->through_queue);
}

static const char *shown_number(
	const struct writing *t, const struct conversation *c, const char *number)
{
	return is_masked(t, c) ? mask_number(number, t->arena) : number;
}

static const char *shown_name(
	const struct writing *t, const struct conversation *c, const char *name)
{
	return is_masked(t, c) ? mask_name(name) : name;
}

/* "SIP/0721000000-1a2b3c4d" without the number, the same for everyone. */
static const char *channel_alias(const char *channel, struct arena *arena)
{
	const char *dash = strrchr(channel, '-');

	return arena_printf(arena, "SIP/%s", dash ? dash + 1 : mask_name(channel));
}

static const char *shown_channel(
	const struct writing *t, const struct conversation *c, const char *channel)
{
	return channel && is_masked(t, c) ? channel_alias(channel, t->arena) : channel;
}

const char *conversation_alias(const struct conversation *c, struct arena *arena)
{
	return arena_printf(arena, "%s>%s",
		c->source_channel ? channel_alias(c->source_channel, arena) : "",
		c->dest_channel ? channel_alias(c->dest_channel, arena) : "");
}

static const char *shown_id(const struct writing *t, const struct conversation *c)
{
	return is_masked(t, c) ? conversation_alias(c, t->arena) : c->id;
}

static const char *known_name(const struct conversation *c)
{
	return c->counterpart_name && *c->counterpart_name ? c->counterpart_name : UNKNOWN;
}

struct side {
	const char *number, *name;
};

static const char *channel_status(const struct conversation *c, bool is_source)
{
	if (c->connected)
		return "up";
	return is_source ? "ring" : "ringing";
}

/* One end of it: who is there, and who hears them. */
static void write_channel(const struct writing *t, const struct conversation *c, bool is_source)
{
	const struct side own = { t->x->exten, t->x->name };
	const struct side other = { c->counterpart_num, known_name(c) };
	const struct side *here = is_source == c->outgoing ? &own : &other;
	const struct side *there = here == &own ? &other : &own;
	const char *channel = is_source ? c->source_channel : c->dest_channel;
	const char *bridged = is_source ? c->dest_channel : c->source_channel;
	struct json_writer *w = t->w;

	if (!channel) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	json_pair(w, "type", is_source ? "source" : "destination");
	json_pair(w, "channel", shown_channel(t, c, channel));
	json_pair(w, "callerNum", shown_number(t, c, here->number));
	json_pair(w, "callerName", shown_name(t, c, here->name));
	json_key(w, "startTime");
	json_int(w, c->start_ms);
	json_pair(w, "bridgedNum", shown_number(t, c, c->connected ? there->number : ""));
	json_pair(w, "bridgedName", shown_name(t, c, c->connected ? there->name : ""));
	json_key(w, "inConference");
	json_flag(w, false);
	json_pair(w, "channelStatus", channel_status(c, is_source));
	json_pair(w, "bridgedChannel", c->connected && bridged ? shown_channel(t, c, bridged) : "");
	json_object_end(w);
}

static void write_flag(struct json_writer *w, const char *name, bool value)
{
	json_key(w, name);
	json_flag(w, value);
}

static void write_facts(const struct writing *t, const struct conversation *c)
{
	struct json_writer *w = t->w;

	json_key(w, "duration");
	json_int(w, t->now_ms > c->start_ms ? (t->now_ms - c->start_ms) / MILLIS_PER_SECOND : 0);
	json_key(w, "startTime");
	json_int(w, c->start_ms);
	write_flag(w, "connected", c->connected);
	write_flag(w, "onHold", c->on_hold);
	json_pair(w, "recording", "false");
	json_pair(w, "direction", c->outgoing ? "out" : "in");
	write_flag(w, "inConference", false);
	write_flag(w, "throughQueue", c->through_queue);
	write_flag(w, "throughTrunk", false);
}

static void write_conversation(const struct writing *t, const struct conversation *c)
{
	struct json_writer *w = t->w;

	json_object_begin(w);
	json_pair(w, "id", shown_id(t, c));
	json_pair(w, "owner", t->x->exten);
	json_pair(w, "linkedId", c->linked_id);
	json_pair(w, "uniqueId", c->unique_id);
	json_pair(w, "queueId", "");
	json_key(w, "chSource");
	write_channel(t, c, true);
	json_key(w, "chDest");
	write_channel(t, c, false);
	write_facts(t, c);
	json_pair(w, "counterpartNum", shown_number(t, c, c->counterpart_num));
	json_pair(w, "counterpartName", shown_name(t, c, known_name(c)));
	json_object_end(w);
}

static void write_conversations(const struct writing *t)
{
	json_object_begin(t->w);
	for (size_t i = 0; i < t->x->conversations_n; i++) {
		json_key(t->w, shown_id(t, &t->x->conversations[i]));
		write_conversation(t, &t->x->conversations[i]);
	}
	json_object_end(t->w);
}

/* What a PBX of another make would say: clients look for these members. */
static void write_unknown(struct json_writer *w)
{
	static const char *const forwards[] = { "cf", "cfb", "cfu", "cfVm", "cfbVm", "cfuVm" };

	json_key(w, "codecs");
	json_array_begin(w);
	json_array_end(w);
	for (size_t i = 0; i < sizeof(forwards) / sizeof(forwards[0]); i++)
		json_pair(w, forwards[i], "");
	json_pair(w, "chanType", "sip");
	json_pair(w, "context", "");
	json_pair(w, "mac", "");
	write_flag(w, "useWebsocket", false);
}

void exten_state_write(
	struct json_writer *w, const struct exten_state *x, enum room_view view, int64_t now_ms)
{
	struct arena *arena = view == VIEW_CLEAR ? NULL : arena_new(MASKING_BLOCK);
	const struct writing t = { w, x, view, now_ms, arena };

	json_object_begin(w);
	json_pair(w, "exten", x->exten);
	json_pair(w, "name", x->name);
	json_pair(w, "username", x->username);
	json_pair(w, "status", exten_status_names[x->status]);
	json_pair(w, "ip", x->ip ? x->ip : "");
	json_pair(w, "port", x->port ? x->port : "");
	json_pair(w, "sipuseragent", x->user_agent ? x->user_agent : "");
	write_flag(w, "dnd", x->dnd);
	json_key(w, "seq");
	json_int(w, x->seq);
	write_unknown(w);
	json_key(w, "conversations");
	write_conversations(&t);
	json_object_end(w);
	arena_free(&arena);
}

/* What users have chosen counts, unless they can be called: then it is what their devices do. */
const char *main_presence(const char *chosen, enum exten_status strongest)
{
	static const char *const shown[EXTEN_STATUSES] = {
		[EXTEN_BUSY] = "busy",
		[EXTEN_BUSY_RINGING] = "busy",
		[EXTEN_RINGING] = "ringing",
		[EXTEN_ON_HOLD] = "busy",
		[EXTEN_ONLINE] = "online",
		[EXTEN_OFFLINE] = "offline",
	};

	return !chosen || strcmp(chosen, "online") == 0 ? shown[strongest] : chosen;
}
