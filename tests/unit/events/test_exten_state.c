#include "events/exten_state.h"

#include "../arena.h"

static const struct conversation talking = {
	.id = "SIP/201-0000001a>SIP/0721000000-0000001b",
	.linked_id = "176.1",
	.unique_id = "176.2",
	.counterpart_num = "0721000000",
	.counterpart_name = "ACME \"é\"",
	.source_channel = "SIP/201-0000001a",
	.dest_channel = "SIP/0721000000-0000001b",
	.outgoing = true,
	.connected = true,
	.on_hold = true,
	.start_ms = 1760000000000,
};
static const struct conversation queued = {
	.id = "SIP/0666-0000002a>",
	.linked_id = "176.3",
	.unique_id = "176.3",
	.counterpart_num = "0666",
	.counterpart_name = "Queue",
	.source_channel = "SIP/0666-0000002a",
	.through_queue = true,
	.start_ms = 1760000000000,
};

static const char *written(const struct exten_state *x, enum room_view view)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, 65536);
	json_writer_init(&w, &text);
	exten_state_write(&w, x, view, 1760000026999);
	return buf_to_arena(&text, arena);
}

static struct exten_state with(const struct conversation *list, size_t n)
{
	return (struct exten_state){ .exten = "201",
		.name = "Alice",
		.username = "alice",
		.status = EXTEN_ON_HOLD,
		.ip = "192.0.2.10",
		.port = "5060",
		.user_agent = "DeskPhone",
		.dnd = true,
		.seq = 1760000000000001,
		.conversations = list,
		.conversations_n = n };
}

static void a_device_is_written_with_all_that_clients_look_for(void **state)
{
	const struct exten_state x = with(&talking, 1);

	(void)state;
	assert_string_equal(written(&x, VIEW_CLEAR),
		"{\"exten\":\"201\",\"name\":\"Alice\",\"username\":\"alice\",\"status\":"
		"\"onhold\","
		"\"ip\":\"192.0.2.10\",\"port\":\"5060\",\"sipuseragent\":\"DeskPhone\",\"dnd\":"
		"true,"
		"\"seq\":1760000000000001,\"codecs\":[],\"cf\":\"\",\"cfb\":\"\",\"cfu\":\"\","
		"\"cfVm\":\"\",\"cfbVm\":\"\",\"cfuVm\":\"\",\"chanType\":\"sip\",\"context\":\"\","
		"\"mac\":\"\",\"useWebsocket\":false,\"conversations\":{"
		"\"SIP/201-0000001a>SIP/0721000000-0000001b\":{"
		"\"id\":\"SIP/201-0000001a>SIP/0721000000-0000001b\",\"owner\":\"201\","
		"\"linkedId\":\"176.1\",\"uniqueId\":\"176.2\",\"queueId\":\"\","
		"\"chSource\":{\"type\":\"source\",\"channel\":\"SIP/201-0000001a\","
		"\"callerNum\":\"201\",\"callerName\":\"Alice\",\"startTime\":1760000000000,"
		"\"bridgedNum\":\"0721000000\",\"bridgedName\":\"ACME \\\"é\\\"\","
		"\"inConference\":false,\"channelStatus\":\"up\","
		"\"bridgedChannel\":\"SIP/0721000000-0000001b\"},"
		"\"chDest\":{\"type\":\"destination\",\"channel\":\"SIP/0721000000-0000001b\","
		"\"callerNum\":\"0721000000\",\"callerName\":\"ACME \\\"é\\\"\","
		"\"startTime\":1760000000000,\"bridgedNum\":\"201\",\"bridgedName\":\"Alice\","
		"\"inConference\":false,\"channelStatus\":\"up\","
		"\"bridgedChannel\":\"SIP/201-0000001a\"},"
		"\"duration\":26,\"startTime\":1760000000000,\"connected\":true,\"onHold\":true,"
		"\"recording\":\"false\",\"direction\":\"out\",\"inConference\":false,"
		"\"throughQueue\":false,\"throughTrunk\":false,\"counterpartNum\":\"0721000000\","
		"\"counterpartName\":\"ACME \\\"é\\\"\"}}}");
}

static void a_device_without_calls_has_an_object_of_conversations(void **state)
{
	const struct exten_state x = { .exten = "9", .username = "bob", .status = EXTEN_OFFLINE };

	(void)state;
	assert_non_null(strstr(written(&x, VIEW_CLEAR), "\"status\":\"offline\",\"ip\":\"\""));
	assert_non_null(strstr(written(&x, VIEW_MASKED), "\"conversations\":{}}"));
}

static void a_caller_without_a_name_is_unknown(void **state)
{
	struct conversation nameless = talking;
	const struct exten_state x = with(&nameless, 1);

	(void)state;
	nameless.counterpart_name = "";
	assert_non_null(strstr(written(&x, VIEW_CLEAR), "\"counterpartName\":\"<unknown>\""));
}

static void what_was_written_is_read_again(void **state)
{
	const struct conversation list[] = { talking, queued };
	const struct exten_state x = with(list, 2);
	const char *text = written(&x, VIEW_CLEAR);
	struct exten_state read;

	(void)state;
	assert_int_equal(exten_state_read(str_from(text), arena, &read), ERR_OK);
	assert_int_equal(read.status, EXTEN_ON_HOLD);
	assert_int_equal(read.conversations_n, 2);
	assert_null(read.conversations[1].dest_channel);
	assert_string_equal(written(&read, VIEW_CLEAR), text);
}

static void what_is_no_state_is_refused(void **state)
{
	static const char *const bad[] = { "", "null", "[]", "{}", "{\"exten\":\"1\"}",
		"{\"exten\":1,\"username\":\"a\",\"status\":\"online\",\"conversations\":{}}",
		"{\"exten\":\"1\",\"username\":\"a\",\"status\":\"odd\",\"conversations\":{}}",
		"{\"exten\":\"1\",\"username\":\"a\",\"status\":\"online\",\"conversations\":[]}",
		"{\"exten\":\"1\",\"username\":\"a\",\"status\":\"online\",\"conversations\":{"
		"\"x\":1}}",
		"{\"exten\":\"1\",\"username\":\"a\",\"status\":\"online\",\"conversations\":"
		"{\"x\":{\"id\":\"x\",\"direction\":\"in\",\"chSource\":7}}}",
		"{\"exten\":\"1\",\"username\":\"a\",\"status\":\"online\",\"conversations\":{}" };
	struct exten_state read = { .exten = "untouched" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(exten_state_read(str_from(bad[i]), arena, &read), ERR_PROTOCOL);
	assert_string_equal(read.exten, "untouched");
}

static bool shows(const struct exten_state *x, enum room_view view, const char *text)
{
	return strstr(written(x, view), text) != NULL;
}

static void no_number_and_no_name_is_left_for_those_who_may_not_see_them(void **state)
{
	const struct exten_state x = with(&talking, 1);

	(void)state;
	assert_true(shows(&x, VIEW_MASKED, "\"counterpartNum\":\"0721000xxx\""));
	assert_true(shows(&x, VIEW_MASKED, "\"counterpartName\":\"xxx\""));
	assert_true(shows(&x, VIEW_MASKED,
		"{\"SIP/0000001a>SIP/0000001b\":{\"id\":"
		"\"SIP/0000001a>SIP/0000001b\""));
	assert_false(shows(&x, VIEW_MASKED, "0721000000"));
	assert_false(shows(&x, VIEW_MASKED, "ACME"));
	assert_string_equal(conversation_alias(&talking, arena), "SIP/0000001a>SIP/0000001b");
	assert_string_equal(conversation_alias(&queued, arena), "SIP/0000002a>");
}

static void those_who_answer_queues_see_the_numbers_of_queue_calls_alone(void **state)
{
	const struct conversation list[] = { talking, queued };
	const struct exten_state x = with(list, 2);

	(void)state;
	assert_false(shows(&x, VIEW_CLEAR_IN_QUEUES, "0721000000"));
	assert_true(shows(&x, VIEW_CLEAR_IN_QUEUES, "\"counterpartNum\":\"0666\""));
	assert_false(shows(&x, VIEW_MASKED, "0666"));
}

/* cti-api 2.9. */
static void the_main_presence_is_the_choice_or_what_the_devices_do(void **state)
{
	static const char *const of_online[EXTEN_STATUSES] = { "busy", "busy", "ringing", "busy",
		"online", "offline" };
	static const char *const choices[] = { "dnd", "voicemail", "cellphone", "callforward" };

	(void)state;
	for (enum exten_status s = EXTEN_BUSY; s < EXTEN_STATUSES; s++) {
		assert_string_equal(main_presence("online", s), of_online[s]);
		assert_string_equal(main_presence(NULL, s), of_online[s]);
		for (size_t i = 0; i < 4; i++)
			assert_string_equal(main_presence(choices[i], s), choices[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_written_with_all_that_clients_look_for),
		cmocka_unit_test(a_device_without_calls_has_an_object_of_conversations),
		cmocka_unit_test(a_caller_without_a_name_is_unknown),
		cmocka_unit_test(what_was_written_is_read_again),
		cmocka_unit_test(what_is_no_state_is_refused),
		cmocka_unit_test(no_number_and_no_name_is_left_for_those_who_may_not_see_them),
		cmocka_unit_test(those_who_answer_queues_see_the_numbers_of_queue_calls_alone),
		cmocka_unit_test(the_main_presence_is_the_choice_or_what_the_devices_do),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
