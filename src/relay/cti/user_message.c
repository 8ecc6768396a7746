#include "user_message.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/sip_address.h"
#include "redis/channel.h"
#include "base/json_slice.h"
#include "relay/core/client.h"
#include "relay/core/send.h"
#include "arguments.h"

/* cti-api 2.4. */
#define MESSAGE_OBJECT_MAX  8192
#define MESSAGE_MEMBERS_MAX 64
#define MESSAGE_TEXT_MAX    64
#define MESSAGE_USER_MAX    255

/* cti-api 2.4: what only some may say. */
static const struct {
	const char *message;
	enum relay_capability needs;
} restricted[] = {
	{ "screenSharingStart", RELAY_CAPABILITY_SCREEN_SHARING },
};

static const struct pace_limit messages_limit = { CLOCK_SECOND_US / 10, 10 };

/* The object as it came, but the sender is not for the client to name. */
static void put_payload(struct buf *out, struct str object, const char *sender)
{
	struct str rest = object, key, value;
	struct json_writer w;

	buf_add_str(out, "[\"message\",{");
	while (json_slice_next(&rest, &key, &value)) {
		if (str_is(key, "\"callUser\""))
			continue;
		buf_add(out, key.p, key.n);
		buf_add_char(out, ':');
		buf_add(out, value.p, value.n);
		buf_add_char(out, ',');
	}
	buf_add_str(out, "\"callUser\":");
	json_writer_init(&w, out);
	json_text(&w, sender);
	buf_add_str(out, "}]");
}

static bool may_say(const struct cti_client *c, struct str text)
{
	for (size_t i = 0; i < sizeof(restricted) / sizeof(restricted[0]); i++)
		if (str_is(text, restricted[i].message))
			return client_may(c, restricted[i].needs);
	return true;
}

/* NULL: none, or a user of another domain. */
static const char *receiver_user(const struct cti_client *c, struct str wanted, struct arena *arena)
{
	const struct sip_address name = sip_address_from_name(arena, wanted);

	if (!*name.user || (name.domain && !str_is(client_domain(c), name.domain)))
		return NULL;
	return name.user;
}

/* roomId, where there is one, is a number or a text. */
static bool room_is_sound(struct str object)
{
	struct str room;

	return !json_slice_member(object, "roomId", &room) ||
	       json_slice_kind(room) == JSON_NUMBER || json_slice_kind(room) == JSON_STRING;
}

static void publish_message(
	struct cti_client *c, struct str object, const char *user, struct arena *arena)
{
	struct core *core = c->core;
	struct buf channel, payload;

	buf_init(&channel, CORE_NAME_MAX);
	buf_init(&payload, 2 * MESSAGE_OBJECT_MAX);
	channel_user(&channel, core->settings->prefix, client_domain(c), str_from(user));
	put_payload(&payload, object, client_user(c, arena));
	if (!channel.overflow && !payload.overflow) {
		const struct message m = {
			.id = arena_printf(arena, "%s-%" PRIu64, core->settings->relay,
				++core->counters.user_messages),
			.time_ms = core_wall_us(core) / 1000,
			.name = "message",
			.flags = MESSAGE_ONE_SHOT,
			.payload = buf_str(&payload),
		};

		send_message(core, buf_str(&channel), &m, NULL, NULL);
	}
	buf_finish(&channel);
	buf_finish(&payload);
}

/* All clients of a user share its rate; of too many the rest goes nowhere, as all answers do. */
void user_message_send(struct cti_client *c, struct str args)
{
	struct arena *arena = arena_new(1024);
	struct str object = { 0 }, text, wanted;
	const char *user;

	if (!c->live) {
		arena_free(&arena);
		return;
	}
	if (args.n > MESSAGE_OBJECT_MAX ||
		!arguments_object(args, MESSAGE_MEMBERS_MAX, arena, &object) ||
		!arguments_text(object, "message", arena, MESSAGE_TEXT_MAX, &text) ||
		!arguments_text(object, "destUser", arena, MESSAGE_USER_MAX, &wanted) ||
		!room_is_sound(object)) {
		client_bad_request(c);
	} else if (!may_say(c, text)) {
		c->core->counters.client_events_refused++;
	} else if (pace_take(&c->self.channel->messages, &messages_limit, core_now(c->core))) {
		user = receiver_user(c, wanted, arena);
		if (user)
			publish_message(c, object, user, arena);
	}
	arena_free(&arena);
}
