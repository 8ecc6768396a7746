/* The rows of event_kind.h, with what writes their arguments (cti-api 2.7). */
#include <string.h>

#include "base/clock.h"
#include "events/event_kind.h"
#include "events/exten_state.h"
#include "permissions/mask.h"

/* A larger picture is not sent to everyone: clients that show it fetch it. */
#define AVATAR_SENT_MAX  16384
#define MICROS_PER_MILLI 1000

static const struct field account_facts[] = {
	FIELD_BOOL(account_facts, activated),
	FIELD_BOOL(account_facts, blocked),
	FIELDS_END,
};

static void write_account(struct json_writer *w, const struct copy *copy)
{
	const struct account_facts *facts = copy->facts;

	json_object_begin(w);
	json_key(w, "id");
	json_int(w, copy->event->account_id);
	json_key(w, "username");
	json_text(w, copy->event->username);
	json_key(w, "domain");
	json_text(w, copy->event->domain);
	json_key(w, "activated");
	json_flag(w, facts->activated);
	json_key(w, "blocked");
	json_flag(w, facts->blocked);
	json_object_end(w);
}

static const struct client_event account_created[] = {
	{ "account.created", AUDIENCE_ADMINS, .state = "account", .arguments = write_account },
	{ 0 },
};
static const struct client_event account_updated[] = {
	{ "account.updated", AUDIENCE_ADMINS, .state = "account", .arguments = write_account },
	{ 0 },
};
static const struct client_event account_deleted[] = {
	{ "account.deleted", AUDIENCE_ADMINS, .state = "account", .arguments = write_account },
	{ 0 },
};

static const struct field presence_facts[] = {
	FIELD_TEXT(presence_facts, which),
	FIELD_TEXT(presence_facts, status),
	FIELD_TEXT(presence_facts, to),
	FIELDS_END,
};

static bool is_about(const void *facts, const char *which)
{
	const struct presence_facts *presence = facts;

	return presence->which && strcmp(presence->which, which) == 0;
}

static bool is_now(const void *facts)
{
	return is_about(facts, "now");
}

static bool is_on_busy(const void *facts)
{
	return is_about(facts, "on_busy");
}

static bool is_on_unavailable(const void *facts)
{
	return !is_now(facts) && !is_on_busy(facts);
}

static void write_presence_as(struct json_writer *w, const struct copy *copy, const char *member,
	const struct main_presence_facts *facts)
{
	json_object_begin(w);
	json_key(w, member);
	json_object_begin(w);
	json_key(w, "username");
	json_text(w, copy->event->username);
	json_key(w, "status");
	json_text(w, facts->status);
	if (facts->to) {
		json_key(w, "to");
		json_text(w,
			copy->view == VIEW_CLEAR ? facts->to : mask_number(facts->to, copy->arena));
	}
	json_object_end(w);
	json_object_end(w);
}

static void write_presence(struct json_writer *w, const struct copy *copy)
{
	const struct presence_facts *facts = copy->facts;

	write_presence_as(w, copy,
		is_now(facts)       ? "presence"
		: is_on_busy(facts) ? "presence_onbusy"
				    : "presence_onunavailable",
		&(struct main_presence_facts){ facts->status, facts->to });
}

/* As the main one: where nothing knows of calls, they are the same. */
static void write_presence_as_main(struct json_writer *w, const struct copy *copy)
{
	const struct presence_facts *facts = copy->facts;

	write_presence_as(
		w, copy, "mainPresence", &(struct main_presence_facts){ facts->status, facts->to });
}

#define PRESENCE_CHOSEN                                                                       \
	{ "userPresenceUpdate", AUDIENCE_EXTENSIONS, .state = "presence", .when = is_now,     \
		.arguments = write_presence },                                                \
		{ "userPresenceUpdate", AUDIENCE_EXTENSIONS, .state = "presence_onbusy",      \
			.when = is_on_busy, .arguments = write_presence },                    \
	{                                                                                     \
		"userPresenceUpdate", AUDIENCE_EXTENSIONS, .state = "presence_onunavailable", \
							   .when = is_on_unavailable,         \
							   .arguments = write_presence        \
	}

static const struct client_event presence_changed[] = {
	PRESENCE_CHOSEN,
	{ "userMainPresenceUpdate", AUDIENCE_EXTENSIONS, .state = "mainPresence", .when = is_now,
		.arguments = write_presence_as_main },
	{ 0 },
};

static const struct client_event presence_chosen[] = { PRESENCE_CHOSEN, { 0 } };

static void write_main_presence(struct json_writer *w, const struct copy *copy)
{
	write_presence_as(w, copy, "mainPresence", copy->facts);
}

static const char *name_main_presence(const struct copy *copy)
{
	return arena_printf(copy->arena, "main:%s", copy->event->username);
}

static void keep_main_presence(struct json_writer *w, const struct copy *copy)
{
	const struct main_presence_facts *facts = copy->facts;

	json_text(w, facts->status);
}

static const struct client_event main_presence_changed[] = {
	{ "userMainPresenceUpdate", AUDIENCE_EXTENSIONS, .state = "mainPresence",
		.kept_name = name_main_presence, .kept_value = keep_main_presence,
		.arguments = write_main_presence },
	{ 0 },
};

static const struct field device_facts[] = { FIELD_TEXT(device_facts, exten), FIELDS_END };

static void write_device(struct json_writer *w, const struct copy *copy)
{
	const struct device_facts *facts = copy->facts;

	json_text(w, facts->exten);
}

static const struct client_event default_device_changed[] = {
	{ "updateDefaultDevice", AUDIENCE_USER, .state = "device", .arguments = write_device },
	{ 0 },
};

static const struct field avatar_facts[] = { FIELD_TEXT(avatar_facts, avatar), FIELDS_END };

static void write_avatar(struct json_writer *w, const struct copy *copy)
{
	const struct avatar_facts *facts = copy->facts;
	bool large = facts->avatar && strlen(facts->avatar) > AVATAR_SENT_MAX;

	json_object_begin(w);
	json_key(w, "username");
	json_text(w, copy->event->username);
	if (facts->avatar) {
		json_key(w, "avatar");
		json_text(w, large ? NULL : facts->avatar);
	}
	if (large) {
		json_key(w, "changed");
		json_flag(w, true);
	}
	json_object_end(w);
}

static const struct client_event avatar_changed[] = {
	{ "userProfileAvatarUpdate", AUDIENCE_ALL, .state = "avatar", .arguments = write_avatar },
	{ 0 },
};

static const struct field lock_facts[] = {
	FIELD_TEXT(lock_facts, kind),
	FIELD_TIME(lock_facts, until),
	FIELDS_END,
};

static void write_lock(struct json_writer *w, const struct copy *copy)
{
	const struct lock_facts *facts = copy->facts;
	char until[CLOCK_ISO_SIZE];

	json_object_begin(w);
	json_key(w, "kind");
	json_text(w, facts->kind);
	json_key(w, "until");
	json_text(w, clock_rfc3339(until, facts->until));
	json_object_end(w);
}

static const struct client_event login_locked[] = {
	{ "securityNotice", AUDIENCE_USER, .arguments = write_lock },
	{ 0 },
};

const struct field external_account_facts_fields[] = {
	FIELD_TEXT(external_account_facts, identifier),
	FIELD_TEXT(external_account_facts, username),
	FIELD_TEXT(external_account_facts, domain),
	FIELDS_END,
};

static void write_exten(struct json_writer *w, const struct copy *copy)
{
	exten_state_write(w, copy->facts, copy->view, copy->event->created_at / MICROS_PER_MILLI);
}

static const char *name_exten(const struct copy *copy)
{
	const struct exten_state *x = copy->facts;

	return arena_printf(copy->arena, "exten:%s", x->exten);
}

static const struct client_event exten_changed[] = {
	{ "extenUpdate", AUDIENCE_EXTENSIONS, .key = name_exten, .kept_name = name_exten,
		.kept_value = write_exten, .arguments = write_exten },
	{ 0 },
};

static void write_ringing(struct json_writer *w, const struct copy *copy)
{
	const struct exten_ringing_facts *facts = copy->facts;

	json_object_begin(w);
	json_pair(w, "numCalled", facts->dialled);
	json_pair(w, "callerNum", facts->caller);
	json_pair(w, "callerName", facts->caller_name);
	json_key(w, "callerHasConf");
	json_flag(w, false);
	json_object_end(w);
}

static const struct client_event exten_ringing[] = {
	{ "extenRinging", AUDIENCE_USER, .arguments = write_ringing },
	{ 0 },
};

static void write_connected(struct json_writer *w, const struct copy *copy)
{
	const struct exten_connected_facts *facts = copy->facts;

	json_object_begin(w);
	json_pair(w, "extenConnected", facts->exten);
	json_object_end(w);
}

static void write_conversation_connected(struct json_writer *w, const struct copy *copy)
{
	const struct exten_connected_facts *facts = copy->facts;

	json_object_begin(w);
	json_pair(w, "num1", facts->exten);
	json_pair(w, "num2", facts->counterpart);
	json_pair(w, "direction", facts->outgoing ? "out" : "in");
	json_pair(w, "uniqueid", facts->unique_id);
	json_pair(w, "linkedid", facts->linked_id);
	json_key(w, "throughTrunk");
	json_flag(w, false);
	json_object_end(w);
}

static const struct client_event exten_connected[] = {
	{ "extenConnected", AUDIENCE_USER, .arguments = write_connected },
	{ "extenConvConnected", AUDIENCE_USER, .arguments = write_conversation_connected },
	{ 0 },
};

static void write_hung_up(struct json_writer *w, const struct copy *copy)
{
	const struct exten_hung_up_facts *facts = copy->facts;

	json_object_begin(w);
	json_pair(w, "cause", facts->cause);
	json_pair(w, "callerNum", facts->exten);
	json_pair(w, "channelExten", facts->exten);
	json_pair(w, "calledNum", facts->counterpart);
	json_object_end(w);
}

static const struct client_event exten_hung_up[] = {
	{ "extenHangup", AUDIENCE_USER, .arguments = write_hung_up },
	{ 0 },
};

static void write_counter(struct json_writer *w, const struct copy *copy)
{
	const struct voicemail_facts *facts = copy->facts;

	json_object_begin(w);
	json_pair(w, "voicemail", facts->mailbox);
	json_key(w, "counter");
	json_int(w, facts->inbox);
	json_object_end(w);
}

static void write_counts(struct json_writer *w, const struct copy *copy)
{
	const struct voicemail_facts *facts = copy->facts;

	json_object_begin(w);
	json_key(w, "inbox");
	json_int(w, facts->inbox);
	json_key(w, "old");
	json_int(w, facts->old);
	json_object_end(w);
}

static void write_mailbox(struct json_writer *w, const struct copy *copy)
{
	const struct voicemail_facts *facts = copy->facts;

	json_object_begin(w);
	json_key(w, facts->mailbox);
	write_counts(w, copy);
	json_object_end(w);
}

static const char *name_mailbox(const struct copy *copy)
{
	const struct voicemail_facts *facts = copy->facts;

	return arena_printf(copy->arena, "vm:%s", facts->mailbox);
}

/* A counter that comes alone makes clients look for the message: it is not repeated to those that come late. */
static const struct client_event voicemail_counted[] = {
	{ "newVoiceMessageCounter", AUDIENCE_USER, .kept_name = name_mailbox,
		.kept_value = write_counts, .arguments = write_counter },
	{ "updateNewVoiceMessages", AUDIENCE_USER, .key = name_mailbox,
		.arguments = write_mailbox },
	{ 0 },
};

static const struct field client_order_facts[] = {
	FIELD_TEXT(client_order_facts, action),
	FIELD_TEXT(client_order_facts, first),
	FIELD_TEXT(client_order_facts, second),
	FIELDS_END,
};

static bool is_order(const void *facts, const char *action)
{
	const struct client_order_facts *order = facts;

	return order->action && order->first && strcmp(order->action, action) == 0;
}

static bool is_webrtc_call(const void *facts)
{
	return is_order(facts, "callWebrtc");
}

static bool is_webrtc_answer(const void *facts)
{
	return is_order(facts, "answerWebrtc");
}

static bool is_nethlink_action(const void *facts)
{
	return is_order(facts, "actionNethLink");
}

static void write_order(struct json_writer *w, const struct copy *copy)
{
	const struct client_order_facts *order = copy->facts;

	json_text(w, order->first);
	if (order->second)
		json_text(w, order->second);
}

static const struct client_event client_ordered[] = {
	{ "callWebrtc", AUDIENCE_USER, .when = is_webrtc_call, .arguments = write_order },
	{ "answerWebrtc", AUDIENCE_USER, .when = is_webrtc_answer, .arguments = write_order },
	{ "actionNethLink", AUDIENCE_USER, .when = is_nethlink_action, .arguments = write_order },
	{ 0 },
};

#define FACTS(what) what##_facts, sizeof(struct what##_facts)

const struct event_kind event_kinds[EVENT_KINDS] = {
	[EVENT_ACCOUNT_CREATED] = { "account.created", FACTS(account), account_created },
	[EVENT_ACCOUNT_UPDATED] = { "account.updated", FACTS(account), account_updated },
	[EVENT_ACCOUNT_DELETED] = { "account.deleted", FACTS(account), account_deleted },
	[EVENT_PRESENCE_CHANGED] = { "presence.changed", FACTS(presence), presence_changed },
	[EVENT_PRESENCE_CHOSEN] = { "presence.chosen", FACTS(presence), presence_chosen },
	[EVENT_DEFAULT_DEVICE_CHANGED] = { "default_device.changed", FACTS(device),
		default_device_changed },
	[EVENT_AVATAR_CHANGED] = { "avatar.changed", FACTS(avatar), avatar_changed },
	[EVENT_LOGIN_LOCKED] = { "login.locked", FACTS(lock), login_locked },
	[EVENT_SESSIONS_ENDED] = { "sessions.ended", .control = CONTROL_END_SESSIONS },
	[EVENT_SESSION_REPLACED] = { "session.replaced", .control = CONTROL_REPLACE_SESSION },
	[EVENT_PERMISSIONS_CHANGED] = { "permissions.changed", .control = CONTROL_PERMISSIONS },
	[EVENT_PERMISSIONS_CHANGED_FOR_PROFILE] = { "permissions.changed_for_profile",
		.control = CONTROL_PERMISSIONS_OF_PROFILE },
	[EVENT_EXTERNAL_ACCOUNT_CHANGED] = { "external_account.changed",
		external_account_facts_fields, sizeof(struct external_account_facts),
		.control = CONTROL_B2BUA },
	[EVENT_CLIENT_ORDERED] = { "client.ordered", FACTS(client_order), client_ordered },
	[EVENT_MAIN_PRESENCE_CHANGED] = { "main_presence.changed",
		.clients = main_presence_changed },
	[EVENT_EXTEN_CHANGED] = { "exten.changed", .clients = exten_changed },
	[EVENT_EXTEN_RINGING] = { "exten.ringing", .clients = exten_ringing },
	[EVENT_EXTEN_CONNECTED] = { "exten.connected", .clients = exten_connected },
	[EVENT_EXTEN_HUNG_UP] = { "exten.hung_up", .clients = exten_hung_up },
	[EVENT_VOICEMAIL_COUNTED] = { "voicemail.counted", .clients = voicemail_counted },
};
