#include "events/event_kind.h"

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
		for (int masked = 0; masked <= (c->to == AUDIENCE_EXTENSIONS); masked++) {
			const struct copy copy = { &event, facts, masked, arena };
			struct str array;

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

/* A notice of a locked login is not a state: it has no newer one. */
static void all_but_notices_are_states_that_differ_in_name_where_they_may_be_told_together(
	void **state)
{
	(void)state;
	for (size_t i = 0; i < EVENT_KINDS; i++)
		for (const struct client_event *c = event_kinds[i].clients; c && c->name; c++) {
			assert_int_equal(!c->state, i == EVENT_LOGIN_LOCKED);
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
		cmocka_unit_test(an_event_no_relay_would_take_is_not_made),
		cmocka_unit_test(
			all_but_notices_are_states_that_differ_in_name_where_they_may_be_told_together),
		cmocka_unit_test(every_kind_is_found_by_its_name_and_is_told_or_acted_upon),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
