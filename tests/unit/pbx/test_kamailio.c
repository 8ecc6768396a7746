/* What Kamailio says (sip-integration 3.3) in the words that fit all back ends. */
#include "../arena.h"

#include "../../../src/pbx/kamailio_priv.h"

static size_t kind;
static struct pbx_event event;

static enum err read_event(const char *text)
{
	return kamailio_event_parse(str_from(text), arena, &kind, &event);
}

static void assert_address(struct pbx_address a, const char *user, const char *domain)
{
	assert_non_null(a.user);
	assert_string_equal(a.user, user);
	assert_string_equal(a.domain, domain);
}

static void a_call_that_rings_says_who_calls_and_where(void **state)
{
	(void)state;
	assert_int_equal(
		read_event(
			"{\"ev\":\"call.ringing\",\"call_id\":\"a-1\",\"dlg_id\":\"12:34\","
			"\"linked\":"
			"\"1760000000.7\",\"from\":\"Alice@SIP.test\",\"to\":\"bob@sip.test\","
			"\"from_name\":\"Alice \\u00e9\",\"device\":\"92@sip.test\",\"code\":180,"
			"\"ts\":1760000000,\"us\":250000}"),
		ERR_OK);
	assert_string_equal(kamailio_kind_name(kind), "call.ringing");
	assert_int_equal(event.kind, PBX_CALL_RINGING);
	assert_int_equal(event.at_us, 1760000000250000);
	assert_string_equal(event.call_id, "a-1");
	assert_string_equal(event.dialog, "12:34");
	assert_string_equal(event.linked_id, "1760000000.7");
	assert_string_equal(event.from_name, "Alice \xc3\xa9");
	assert_address(event.from, "alice", "sip.test");
	assert_address(event.to, "bob", "sip.test");
	assert_address(event.device, "92", "sip.test");
}

static void variables_that_are_not_set_are_not_known(void **state)
{
	(void)state;
	assert_int_equal(
		read_event("{\"ev\":\"call.new\",\"call_id\":\"a\",\"from\":\"a@x\",\"to\":\"b@x\","
			   "\"device\":\"<null>\",\"linked\":\"<null>\",\"from_name\":\"\"}"),
		ERR_OK);
	assert_null(event.device.user);
	assert_null(event.linked_id);
	assert_null(event.from_name);
	assert_int_equal(event.at_us, 0);
}

static void contacts_are_one_text_however_they_are_written(void **state)
{
	(void)state;
	assert_int_equal(
		read_event("{\"ev\":\"reg.new\",\"aor\":\"bob@x\",\"contact\":\"\\\"Bob\\\" "
			   "<sip:bob@10.0.0.2:5061;transport=tls>;expires=600\",\"user_agent\":"
			   "\"Phone 1\","
			   "\"source\":\"udp:192.0.2.1:5060\"}"),
		ERR_OK);
	assert_address(event.of, "bob", "x");
	assert_string_equal(event.contact, "sip:bob@10.0.0.2:5061;transport=tls");
	assert_string_equal(event.ip, "192.0.2.1");
	assert_string_equal(event.port, "5060");
	assert_int_equal(read_event("{\"ev\":\"reg.expired\",\"aor\":\"bob@x\",\"contact\":"
				    "\"sip:bob@10.0.0.2:5061;transport=tls\"}"),
		ERR_OK);
	assert_string_equal(event.contact, "sip:bob@10.0.0.2:5061;transport=tls");
	assert_int_equal(
		read_event("{\"ev\":\"reg.gone\",\"aor\":\"bob@x\",\"contact\":\"*\"}"), ERR_OK);
	assert_int_equal(event.kind, PBX_UNREGISTERED);
	assert_null(event.contact);
}

static void places_are_read_with_either_kind_of_address(void **state)
{
	static const struct {
		const char *text, *ip, *port;
	} rows[] = {
		{ "ws:[2001:db8::1]:443", "2001:db8::1", "443" },
		{ "tcp:10.0.0.1:5", "10.0.0.1", "5" },
		{ "sip:bob@10.0.0.2:5061;transport=tls", "10.0.0.2", "5061" },
		{ "sip:10.0.0.3", "10.0.0.3", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *ip = NULL, *port = NULL;

		kamailio_place(arena, rows[i].text, &ip, &port);
		assert_string_equal(ip, rows[i].ip);
		if (rows[i].port)
			assert_string_equal(port, rows[i].port);
		else
			assert_null(port);
	}
}

static void a_transfer_names_its_target_in_every_form_of_refer_to(void **state)
{
	static const char *const forms[] = { "<sip:carol@x?Replaces=b%3Bto-tag%3D1>",
		"sip:Carol@x;a=b", "\\\"C\\\" <sip:carol@x:5060>", "carol@x" };

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_int_equal(
			read_event(arena_printf(arena,
				"{\"ev\":\"call.refer\",\"call_id\":\"a\",\"from\":\"a@x\",\"to\":"
				"\"b@x\",\"by\":\"b@x\",\"refer_to\":\"%s\",\"replaces\":\"r\"}",
				forms[i])),
			ERR_OK);
		assert_address(event.target, "carol", "x");
		assert_string_equal(event.replaces, "r");
	}
}

static void an_end_without_a_code_is_still_an_end(void **state)
{
	(void)state;
	assert_int_equal(
		read_event("{\"ev\":\"call.end\",\"call_id\":\"a\",\"from\":\"a@x\",\"to\":"
			   "\"b@x\",\"by\":\"server\",\"code\":200}"),
		ERR_OK);
	assert_int_equal(event.code, 0);
	assert_null(event.by.user);
	assert_int_equal(
		read_event("{\"ev\":\"call.failed\",\"call_id\":\"a\",\"from\":\"a@x\",\"to\":"
			   "\"b@x\",\"code\":486}"),
		ERR_OK);
	assert_int_equal(event.code, 486);
	assert_int_equal(
		read_event("{\"ev\":\"call.failed\",\"call_id\":\"a\",\"from\":\"a@x\",\"to\":"
			   "\"b@x\"}"),
		ERR_OK);
	assert_int_not_equal(event.code, 0);
}

static void counters_of_a_mailbox_are_read_out_of_its_summary(void **state)
{
	(void)state;
	assert_int_equal(
		read_event("{\"ev\":\"mwi\",\"aor\":\"bob@x\",\"body\":\"Messages-Waiting: "
			   "yes\\r\\nVoice-Message: 2/5 (0/0)\\r\\n\"}"),
		ERR_OK);
	assert_int_equal(event.voicemail_new, 2);
	assert_int_equal(event.voicemail_old, 5);
	assert_int_equal(read_event("{\"ev\":\"mwi\",\"aor\":\"bob@x\",\"body\":\"Messages-Waiting:"
				    " no\\r\\n\"}"),
		ERR_OK);
	assert_int_equal(event.voicemail_new, 0);
}

static void what_is_no_event_is_told_from_what_is_of_no_concern(void **state)
{
	static const struct {
		const char *text;
		enum err e;
	} rows[] = {
		{ "", ERR_INVALID },
		{ "[]", ERR_INVALID },
		{ "{\"ev\":7}", ERR_INVALID },
		{ "{\"ev\":\"call.new\"", ERR_INVALID },
		{ "{\"ev\":\"call.new\",\"call_id\":\"a\",\"from\":\"a@x\"}", ERR_INVALID },
		{ "{\"ev\":\"call.new\",\"call_id\":\"a\",\"from\":\"a\",\"to\":\"b@x\"}",
			ERR_INVALID },
		{ "{\"ev\":\"call.new\",\"call_id\":[],\"from\":\"a@x\",\"to\":\"b@x\"}",
			ERR_INVALID },
		{ "{\"ev\":\"call.new\",\"call_id\":\"\xff\",\"from\":\"a@x\",\"to\":\"b@x\"}",
			ERR_INVALID },
		{ "{\"ev\":\"reg.new\",\"aor\":\"bob@x\"}", ERR_INVALID },
		{ "{\"ev\":\"reg.new\",\"aor\":\"<script>\",\"contact\":\"sip:a@b\"}",
			ERR_INVALID },
		{ "{\"ev\":\"presence\",\"aor\":\"bob@x\"}", ERR_NOT_FOUND },
		{ "{\"ev\":\"made.up\"}", ERR_NOT_FOUND },
		{ "{\"ev\":\"call.new\",\"call_id\":\"a\",\"from\":\"click2call@127.0.0.1:5060\","
		  "\"to\":"
		  "\"b@x\"}",
			ERR_NOT_FOUND },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (read_event(rows[i].text) != rows[i].e)
			fail_msg("%s", rows[i].text);
}

static void a_message_that_is_too_long_is_not_read(void **state)
{
	char *text = arena_alloc(arena, KAMAILIO_EVENT_MAX + 1);

	(void)state;
	memset(text, ' ', KAMAILIO_EVENT_MAX + 1);
	assert_int_equal(kamailio_event_parse((struct str){ text, KAMAILIO_EVENT_MAX + 1 }, arena,
				 &kind, &event),
		ERR_LIMIT);
}

#define DIALOG(id, state, variables)                                                              \
	"{\"h_entry\":12,\"h_id\":34,\"call-id\":\"" id "\",\"from_uri\":\"sip:a@x\",\"to_uri\":" \
	"\"sip:b@x\",\"state\":" state                                                            \
	",\"start_ts\":1760000000,\"init_ts\":1759999990,\"caller\":"                             \
	"{\"tag\":\"1\"},\"variables\":[" variables "]}"
#define PARTIES "{\"caller\":\"a@x\"},{\"callee\":\"b@x\"}"

static void calls_are_listed_with_how_far_they_are(void **state)
{
	struct pbx_event *calls;
	size_t n;

	(void)state;
	assert_int_equal(
		kamailio_calls_parse(
			STR("[" DIALOG("1", "4",
				PARTIES
				",{\"linked\":\"7.8\"},{\"device\":\"92@x\"}") "," DIALOG("2", "2",
				PARTIES) "," DIALOG("3", "5", PARTIES) "," DIALOG("4", "4",
				"") ",7," DIALOG("5", "1", PARTIES) "," DIALOG("6", "1",
				PARTIES) "]"),
			3, arena, &calls, &n),
		ERR_OK);
	assert_int_equal(n, 3);
	assert_string_equal(calls[0].call_id, "1");
	assert_int_equal(calls[0].kind, PBX_CALL_UP);
	assert_int_equal(calls[0].at_us, 1760000000000000);
	assert_string_equal(calls[0].dialog, "12:34");
	assert_string_equal(calls[0].linked_id, "7.8");
	assert_address(calls[0].device, "92", "x");
	assert_int_equal(calls[1].kind, PBX_CALL_RINGING);
	assert_int_equal(calls[2].kind, PBX_CALL_NEW);
	assert_string_equal(calls[2].call_id, "5");
}

static void what_is_no_list_is_no_empty_one(void **state)
{
	struct pbx_event *calls;
	size_t n;

	(void)state;
	assert_int_equal(kamailio_calls_parse(STR("[]"), 9, arena, &calls, &n), ERR_OK);
	assert_int_equal(n, 0);
	assert_int_equal(kamailio_calls_parse(STR("{}"), 9, arena, &calls, &n), ERR_PROTOCOL);
	assert_int_equal(kamailio_calls_parse(STR("null"), 9, arena, &calls, &n), ERR_PROTOCOL);
}

#define TEST(fact) cmocka_unit_test_setup_teardown(fact, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_that_rings_says_who_calls_and_where),
		TEST(variables_that_are_not_set_are_not_known),
		TEST(contacts_are_one_text_however_they_are_written),
		TEST(places_are_read_with_either_kind_of_address),
		TEST(a_transfer_names_its_target_in_every_form_of_refer_to),
		TEST(an_end_without_a_code_is_still_an_end),
		TEST(counters_of_a_mailbox_are_read_out_of_its_summary),
		TEST(what_is_no_event_is_told_from_what_is_of_no_concern),
		TEST(a_message_that_is_too_long_is_not_read),
		TEST(calls_are_listed_with_how_far_they_are),
		TEST(what_is_no_list_is_no_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
