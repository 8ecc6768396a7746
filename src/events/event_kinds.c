/* The rows of event_kind.h, with what writes their arguments (cti-api 2.7). */
#include <string.h>

#include "base/clock.h"
#include "events/event_kind.h"
#include "permissions/mask.h"

/* A larger picture is not sent to everyone: clients that show it fetch it. */
#define AVATAR_SENT_MAX 16384

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

static void write_presence_as(struct json_writer *w, const struct copy *copy, const char *member)
{
	const struct presence_facts *facts = copy->facts;

	json_object_begin(w);
	json_key(w, member);
	json_object_begin(w);
	json_key(w, "username");
	json_text(w, copy->event->username);
	json_key(w, "status");
	json_text(w, facts->status);
	if (facts->to) {
		json_key(w, "to");
		json_text(w, copy->masked ? mask_number(facts->to, copy->arena) : facts->to);
	}
	json_object_end(w);
	json_object_end(w);
}

static void write_presence(struct json_writer *w, const struct copy *copy)
{
	write_presence_as(w, copy,
		is_now(copy->facts)       ? "presence"
		: is_on_busy(copy->facts) ? "presence_onbusy"
					  : "presence_onunavailable");
}

static void write_main_presence(struct json_writer *w, const struct copy *copy)
{
	write_presence_as(w, copy, "mainPresence");
}

static const struct client_event presence_changed[] = {
	{ "userPresenceUpdate", AUDIENCE_EXTENSIONS, .state = "presence", .when = is_now,
		.arguments = write_presence },
	{ "userPresenceUpdate", AUDIENCE_EXTENSIONS, .state = "presence_onbusy", .when = is_on_busy,
		.arguments = write_presence },
	{ "userPresenceUpdate", AUDIENCE_EXTENSIONS, .state = "presence_onunavailable",
		.when = is_on_unavailable, .arguments = write_presence },
	{ "userMainPresenceUpdate", AUDIENCE_EXTENSIONS, .state = "mainPresence", .when = is_now,
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

#define FACTS(what) what##_facts, sizeof(struct what##_facts)

const struct event_kind event_kinds[EVENT_KINDS] = {
	[EVENT_ACCOUNT_CREATED] = { "account.created", FACTS(account), account_created },
	[EVENT_ACCOUNT_UPDATED] = { "account.updated", FACTS(account), account_updated },
	[EVENT_ACCOUNT_DELETED] = { "account.deleted", FACTS(account), account_deleted },
	[EVENT_PRESENCE_CHANGED] = { "presence.changed", FACTS(presence), presence_changed },
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
};
