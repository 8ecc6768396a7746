#include "transcription.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_slice.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "relay/core/channel.h"
#include "relay/core/client.h"
#include "relay/core/directory.h"
#include "arguments.h"
#include "extension_states.h"

#define CALL_MEMBERS_MAX 16
#define CALL_ID_MAX      64

/* As the client or the state of an extension names it; empty: not named. */
struct call {
	char linked[CALL_ID_MAX + 1], unique[CALL_ID_MAX + 1];
};

struct cti_transcription {
	struct cti_member room; /* no channel: nothing is heard */
	struct call *call;      /* wanted or heard; NULL: none */
	uint32_t question;      /* the last one: answers to earlier ones are void */
	char *ext;
};

/* Whether the user takes part in a call. */
struct question {
	struct core *core;
	char sid[SIO_ID_SIZE];
	uint32_t number;
};

static bool is_same(const struct call *a, const struct call *b)
{
	if (*a->linked && *b->linked)
		return strcmp(a->linked, b->linked) == 0;
	return *a->unique && strcmp(a->unique, b->unique) == 0;
}

static void leave_room(struct cti_transcription *t)
{
	if (!t->room.channel)
		return;
	channel_leave(&t->room);
	t->room.channel = NULL;
}

static void forget_call(struct cti_transcription *t)
{
	leave_room(t);
	free(t->call);
	t->call = NULL;
	t->question++;
}

static void free_transcription(struct cti_client *c)
{
	if (!c->transcription)
		return;
	forget_call(c->transcription);
	free(c->transcription->ext);
	free(c->transcription);
	c->transcription = NULL;
}

/* A member that is no text, or too long a one, reads as empty. */
static void read_id(struct str object, const char *member, char id[CALL_ID_MAX + 1])
{
	struct str value;
	size_t n;

	if (!json_slice_member(object, member, &value) ||
		!json_slice_text(value, id, CALL_ID_MAX + 1, &n))
		*id = '\0';
}

static struct call read_conversation(struct str conversation)
{
	struct call c = { 0 };

	if (json_slice_kind(conversation) != JSON_OBJECT)
		return c;
	read_id(conversation, "linkedId", c.linked);
	read_id(conversation, "uniqueId", c.unique);
	return c;
}

/* In the state of one extension (cti-api 2.6). */
static bool find_call(struct str state, const struct call *wanted, struct call *ret)
{
	struct str rest, value;

	state = str_trim(state);
	if (state.n > MESSAGE_PAYLOAD_MAX || !json_slice_is_valid(state) ||
		!json_slice_member(state, "conversations", &rest) ||
		json_slice_kind(rest) != JSON_OBJECT)
		return false;
	while (json_slice_next(&rest, NULL, &value)) {
		*ret = read_conversation(value);
		if (*ret->linked && is_same(ret, wanted))
			return true;
	}
	return false;
}

static bool takes_part(
	const struct redis_reply *states, const struct call *wanted, struct call *ret)
{
	for (size_t i = 0; i < states->count; i++)
		if (states->items[i].type == REDIS_TEXT &&
			find_call(states->items[i].text, wanted, ret))
			return true;
	return false;
}

static void enter_room(struct cti_client *c, const struct call *call)
{
	struct cti_transcription *t = c->transcription;
	struct cti_channel *ch;
	struct buf name;
	char room[sizeof("stt.") + CALL_ID_MAX];

	snprintf(room, sizeof(room), "stt.%s", call->linked);
	buf_init(&name, CORE_NAME_MAX);
	channel_room(&name, c->core->settings->prefix, client_domain(c), str_from(room));
	*t->call = *call;
	ch = name.overflow ? NULL : channel_get(c->core, buf_str(&name));
	if (ch && ch != t->room.channel) {
		leave_room(t);
		channel_join(ch, &t->room, c);
	}
	buf_finish(&name);
}

static void on_states(void *arg, const struct redis_reply *reply)
{
	struct question *q = arg;
	struct cti_client *c = directory_find(q->core, q->sid);
	struct cti_transcription *t = c && c->live ? c->transcription : NULL;
	struct call found;

	if (reply && t && t->call && t->question == q->number) {
		if (takes_part(reply, t->call, &found)) {
			enter_room(c, &found);
		} else {
			q->core->counters.client_events_refused += !t->room.channel;
			forget_call(t);
		}
	}
	free(q);
}

static struct question *question_new(struct cti_client *c)
{
	struct question *q = mem_alloc(sizeof(*q));

	q->core = c->core;
	q->number = ++c->transcription->question;
	snprintf(q->sid, sizeof(q->sid), "%s", c->sio->id);
	return q;
}

/* Does the user still take part in the call? */
static void look_at_call(struct cti_client *c)
{
	struct question *q;

	if (!c->transcription || !c->transcription->call)
		return;
	q = question_new(c);
	if (extension_states_ask(c, str_from(c->transcription->ext), on_states, q) != ERR_OK)
		free(q);
}

static void change_extensions(struct cti_client *c, struct str ext)
{
	struct cti_transcription *t = c->transcription;

	if (!client_may(c, RELAY_CAPABILITY_TRANSCRIPTION) || !ext.n) {
		free_transcription(c);
		return;
	}
	if (!t)
		t = c->transcription = mem_alloc(sizeof(*t));
	free(t->ext);
	t->ext = mem_strndup(ext.p, ext.n);
	look_at_call(c);
}

/* The argument of both events. NULL: it names no call. */
static struct call *read_call(struct str args)
{
	struct arena *arena = arena_new(256);
	struct call c = { 0 };
	struct str object;

	if (arguments_object(args, CALL_MEMBERS_MAX, arena, &object)) {
		read_id(object, "linkedid", c.linked);
		read_id(object, "uniqueid", c.unique);
	}
	arena_free(&arena);
	if (!*c.linked && !*c.unique)
		return NULL;
	return memcpy(mem_alloc(sizeof(c)), &c, sizeof(c));
}

/* The call before is over for this client, whatever becomes of its wish. */
static void start_hearing(struct cti_client *c, struct call *call)
{
	forget_call(c->transcription);
	c->transcription->call = call;
	look_at_call(c);
}

void transcription_start(struct cti_client *c, struct str args)
{
	struct call *call;

	if (!c->live)
		return;
	call = read_call(args);
	if (call && c->transcription) {
		start_hearing(c, call);
		return;
	}
	if (call)
		c->core->counters.client_events_refused++;
	else
		client_bad_request(c);
	free(call);
}

/* Of a call that another one has replaced there is nothing to be stopped. */
void transcription_stop(struct cti_client *c, struct str args)
{
	struct cti_transcription *t = c->transcription;
	struct call *call;

	if (!c->live)
		return;
	call = read_call(args);
	if (!call)
		client_bad_request(c);
	else if (t && t->call && is_same(t->call, call))
		forget_call(t);
	free(call);
}

const struct core_listener transcription_listener = {
	.permitted = change_extensions,
	.look = look_at_call,
	.gone = free_transcription,
};
