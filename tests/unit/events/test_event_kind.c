#include "events/event_kind.h"
#include "events/exten_state.h"

#include "../arena.h"

/* What each audience of an event hears: its name and array, masked where the copy is, in one text. */
static const char *told(const char *kind_name, const char *facts_json)
{
	const struct event_kind *kind = event_kind_find(kind_name);
	const struct event event = { .kind = kind_name,
		.domain = "d",
		.username = "ali\"ce",
		.account_id = 42,
		.facts = facts_json };
	const char *text = "";
	const void *facts;

	assert_int_equal(event_facts(kind, &event, arena, &facts), ERR_OK);
	for (const struct client_event *c = kind->clients; c->name; c++)
		for (enum room_view view = VIEW_CLEAR; view < ROOM_VIEWS; view += VIEW_MASKED) {
			const struct copy copy = { &event, facts, view, arena };
			struct str array;

			if (view != VIEW_CLEAR && c->to != AUDIENCE_EXTENSIONS)
				continue;
			if (c->when && !c->when(facts))
				continue;
			assert_int_equal(event_render(c, &copy, &array), ERR_OK);
			text = arena_printf(arena, "%s%.*s\n", text, (int)array.n, array.p);
		}
	return text;
}

static void clients_hear_the_facts_in_their_own_words(void **state)
{
	static const struct {
		const char *kind, *facts, *told;
	} rows[] = {
		{ "account.created", "{\"activated\": true, \"blocked\": false}",
			"[\"account.created\",{\"id\":42,\"username\":\"ali\\\"ce\",\"domain\":"
			"\"d\","
			"\"activated\":true,\"blocked\":false}]\n" },
		{ "account.deleted", "{\"activated\": false, \"blocked\": true}",
			"[\"account.deleted\",{\"id\":42,\"username\":\"ali\\\"ce\",\"domain\":"
			"\"d\","
			"\"activated\":false,\"blocked\":true}]\n" },
		{ "presence.changed", "{\"which\": \"on_busy\", \"status\": \"voicemail\"}",
			"[\"userPresenceUpdate\",{\"presence_onbusy\":{\"username\":\"ali\\\"ce\","
			"\"status\":\"voicemail\"}}]\n"
			"[\"userPresenceUpdate\",{\"presence_onbusy\":{\"username\":\"ali\\\"ce\","
			"\"status\":\"voicemail\"}}]\n" },
		{ "presence.changed",
			"{\"which\": \"now\", \"status\": \"callforward\", \"to\": \"0721000\"}",
			"[\"userPresenceUpdate\",{\"presence\":{\"username\":\"ali\\\"ce\","
			"\"status\":\"callforward\",\"to\":\"0721000\"}}]\n"
			"[\"userPresenceUpdate\",{\"presence\":{\"username\":\"ali\\\"ce\","
			"\"status\":\"callforward\",\"to\":\"0721xxx\"}}]\n"
			"[\"userMainPresenceUpdate\",{\"mainPresence\":{\"username\":\"ali\\\"ce\","
			"\"status\":\"callforward\",\"to\":\"0721000\"}}]\n"
			"[\"userMainPresenceUpdate\",{\"mainPresence\":{\"username\":\"ali\\\"ce\","
			"\"status\":\"callforward\",\"to\":\"0721xxx\"}}]\n" },
		{ "default_device.changed", "{\"exten\": \"91201\"}",
			"[\"updateDefaultDevice\",\"91201\"]\n" },
		{ "avatar.changed", "{\"avatar\": \"data:image/png;base64,AA==\"}",
			"[\"userProfileAvatarUpdate\",{\"username\":\"ali\\\"ce\","
			"\"avatar\":\"data:image/png;base64,AA==\"}]\n" },
		{ "avatar.changed", "{}",
			"[\"userProfileAvatarUpdate\",{\"username\":\"ali\\\"ce\"}]\n" },
		{ "presence.chosen", "{\"which\": \"now\", \"status\": \"dnd\"}",
			"[\"userPresenceUpdate\",{\"presence\":{\"username\":\"ali\\\"ce\","
			"\"status\":\"dnd\"}}]\n"
			"[\"userPresenceUpdate\",{\"presence\":{\"username\":\"ali\\\"ce\","
			"\"status\":\"dnd\"}}]\n" },
		{ "client.ordered", "{\"action\": \"callWebrtc\", \"first\": \"202\"}",
			"[\"callWebrtc\",\"202\"]\n" },
		{ "client.ordered",
			"{\"action\": \"actionNethLink\", \"first\": \"tel:202\", \"second\": "
			"\"call\"}",
			"[\"actionNethLink\",\"tel:202\",\"call\"]\n" },
		{ "client.ordered", "{\"action\": \"extenUpdate\", \"first\": \"202\"}", "" },
		{ "login.locked",
			"{\"kind\": \"otp_locked\", \"until\": \"2026-01-01T00:00:01.500000Z\"}",
			"[\"securityNotice\",{\"kind\":\"otp_locked\","
			"\"until\":\"2026-01-01T00:00:01Z\"}]\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(told(rows[i].kind, rows[i].facts), rows[i].told);
}

static const char *avatar_of(size_t n)
{
	char *letters = arena_alloc(arena, n + 1);

	memset(letters, 'A', n);
	return arena_printf(arena, "{\"avatar\": \"%s\"}", letters);
}

static void a_large_picture_is_not_sent_to_everyone(void **state)
{
	(void)state;
	assert_string_equal(told("avatar.changed", avatar_of(16385)),
		"[\"userProfileAvatarUpdate\",{\"username\":\"ali\\\"ce\",\"avatar\":null,"
		"\"changed\":true}]\n");
	assert_null(strstr(told("avatar.changed", avatar_of(16384)), "changed"));
}

static void facts_that_are_not_those_of_the_kind_are_refused(void **state)
{
	const struct event_kind *kind = event_kind_find("presence.changed");
	const void *facts;

	(void)state;
	assert_int_equal(event_facts(kind, &(struct event){ 0 }, arena, &facts), ERR_INVALID);
	assert_int_equal(
		event_facts(kind, &(struct event){ .facts = "{\"status\":1}" }, arena, &facts),
		ERR_INVALID);
}

/* The arguments of a producer's event, one line for each client event, as clear as that. */
static const char *said(enum event_id id, const void *facts, enum room_view view)
{
	const struct event event = {
		.domain = "d", .username = "alice", .account_id = 42, .created_at = 1760000026000000
	};
	const char *text = "";

	for (const struct client_event *c = event_kinds[id].clients; c->name; c++) {
		const struct copy copy = { &event, facts, view, arena };
		struct str array;

		assert_int_equal(event_render(c, &copy, &array), ERR_OK);
		text = arena_printf(arena, "%s%s %.*s\n", text, c->key ? c->key(&copy) : "-",
			(int)array.n, array.p);
	}
	return text;
}

static void users_hear_of_their_calls_in_the_words_of_the_clients(void **state)
{
	const struct exten_ringing_facts ringing = { "201", "0721000000", "ACME" };
	const struct exten_connected_facts up = { "201", "0721000000", true, "176.1", "176.1" };
	const struct exten_hung_up_facts down = { "201", "0721000000", "user_busy" };
	const struct voicemail_facts voicemail = { "201", 2, 5 };

	(void)state;
	assert_string_equal(said(EVENT_EXTEN_RINGING, &ringing, VIEW_CLEAR),
		"- [\"extenRinging\",{\"numCalled\":\"201\",\"callerNum\":\"0721000000\","
		"\"callerName\":\"ACME\",\"callerHasConf\":false}]\n");
	assert_string_equal(said(EVENT_EXTEN_CONNECTED, &up, VIEW_CLEAR),
		"- [\"extenConnected\",{\"extenConnected\":\"201\"}]\n"
		"- [\"extenConvConnected\",{\"num1\":\"201\",\"num2\":\"0721000000\","
		"\"direction\":\"out\",\"uniqueid\":\"176.1\",\"linkedid\":\"176.1\","
		"\"throughTrunk\":false}]\n");
	assert_string_equal(said(EVENT_EXTEN_HUNG_UP, &down, VIEW_CLEAR),
		"- [\"extenHangup\",{\"cause\":\"user_busy\",\"callerNum\":\"201\","
		"\"channelExten\":\"201\",\"calledNum\":\"0721000000\"}]\n");
	assert_string_equal(said(EVENT_VOICEMAIL_COUNTED, &voicemail, VIEW_CLEAR),
		"- [\"newVoiceMessageCounter\",{\"voicemail\":\"201\",\"counter\":2}]\n"
		"vm:201 [\"updateNewVoiceMessages\",{\"201\":{\"inbox\":2,\"old\":5}}]\n");
}

static void the_main_presence_hides_where_calls_go_from_those_who_may_not_see_it(void **state)
{
	const struct main_presence_facts facts = { "callforward", "0721000000" };

	(void)state;
	assert_string_equal(said(EVENT_MAIN_PRESENCE_CHANGED, &facts, VIEW_CLEAR),
		"- [\"userMainPresenceUpdate\",{\"mainPresence\":{\"username\":\"alice\","
		"\"status\":\"callforward\",\"to\":\"0721000000\"}}]\n");
	for (enum room_view view = VIEW_CLEAR_IN_QUEUES; view < ROOM_VIEWS; view++)
		assert_non_null(strstr(
			said(EVENT_MAIN_PRESENCE_CHANGED, &facts, view), "\"to\":\"0721000xxx\""));
}

static const char *kept(enum event_id id, const void *facts, enum room_view view)
{
	const struct event event = { .domain = "d", .username = "alice" };
	const struct copy copy = { &event, facts, view, arena };
	const struct client_event *c = event_kinds[id].clients;
	struct json_writer w;
	struct buf text;

	buf_init(&text, EVENT_PAYLOAD_MAX);
	json_writer_init(&w, &text);
	c->kept_value(&w, &copy);
	return arena_printf(arena, "%s %s", c->kept_name(&copy), buf_to_arena(&text, arena));
}

static void what_redis_keeps_has_the_names_that_the_api_reads(void **state)
{
	const struct exten_state x = { .exten = "201", .username = "alice" };

	(void)state;
	assert_string_equal(kept(EVENT_MAIN_PRESENCE_CHANGED,
				    &(struct main_presence_facts){ "dnd", NULL }, VIEW_CLEAR),
		"main:alice \"dnd\"");
	assert_string_equal(
		kept(EVENT_VOICEMAIL_COUNTED, &(struct voicemail_facts){ "201", 2, 5 }, VIEW_CLEAR),
		"vm:201 {\"inbox\":2,\"old\":5}");
	assert_memory_equal(kept(EVENT_EXTEN_CHANGED, &x, VIEW_CLEAR),
		"exten:201 {\"exten\":\"201\"", strlen("exten:201 {\"exten\":\"201\""));
	assert_memory_equal(
		said(EVENT_EXTEN_CHANGED, &x, VIEW_CLEAR), "exten:201 [", strlen("exten:201 ["));
}

static void what_only_producers_tell_is_not_taken_from_the_outbox(void **state)
{
	const struct event event = { .facts = "{}" };
	const void *facts;

	(void)state;
	assert_int_equal(
		event_facts(&event_kinds[EVENT_EXTEN_CHANGED], &event, arena, &facts), ERR_INVALID);
}

static void an_event_no_relay_would_take_is_not_made(void **state)
{
	char *exten = arena_alloc(arena, EVENT_PAYLOAD_MAX + 1);
	const struct device_facts facts = { exten };
	const struct copy copy = { .facts = &facts, .arena = arena };
	struct str array;

	(void)state;
	memset(exten, '1', EVENT_PAYLOAD_MAX);
	assert_int_equal(
		event_render(event_kinds[EVENT_DEFAULT_DEVICE_CHANGED].clients, &copy, &array),
		ERR_LIMIT);
}

/* Of a notice there is no newer one. */
static bool is_notice(const char *name)
{
	return str_is_one_of(str_from(name),
		(const char *const[]){ "securityNotice", "extenRinging", "extenConnected",
			"extenConvConnected", "extenHangup", "newVoiceMessageCounter", "callWebrtc",
			"answerWebrtc", "actionNethLink", NULL });
}

static void all_but_notices_are_states_that_differ_in_name_where_they_may_be_told_together(
	void **state)
{
	(void)state;
	for (size_t i = 0; i < EVENT_KINDS; i++)
		for (const struct client_event *c = event_kinds[i].clients; c && c->name; c++) {
			assert_int_equal(!c->state && !c->key, is_notice(c->name));
			for (const struct client_event *d = c + 1; c->state && d->name; d++)
				assert_string_not_equal(c->state, d->state);
		}
}

static void every_kind_is_found_by_its_name_and_is_told_or_acted_upon(void **state)
{
	(void)state;
	for (size_t i = 0; i < EVENT_KINDS; i++) {
		assert_ptr_equal(event_kind_find(event_kinds[i].name), &event_kinds[i]);
		assert_true(!event_kinds[i].clients == (event_kinds[i].control != CONTROL_NONE));
	}
	assert_null(event_kind_find("account.exploded"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_hear_the_facts_in_their_own_words),
		cmocka_unit_test(a_large_picture_is_not_sent_to_everyone),
		cmocka_unit_test(facts_that_are_not_those_of_the_kind_are_refused),
		cmocka_unit_test(users_hear_of_their_calls_in_the_words_of_the_clients),
		cmocka_unit_test(
			the_main_presence_hides_where_calls_go_from_those_who_may_not_see_it),
		cmocka_unit_test(what_redis_keeps_has_the_names_that_the_api_reads),
		cmocka_unit_test(what_only_producers_tell_is_not_taken_from_the_outbox),
		cmocka_unit_test(an_event_no_relay_would_take_is_not_made),
		cmocka_unit_test(
			all_but_notices_are_states_that_differ_in_name_where_they_may_be_told_together),
		cmocka_unit_test(every_kind_is_found_by_its_name_and_is_told_or_acted_upon),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
