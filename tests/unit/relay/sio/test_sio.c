#include "relay/sio/sio.h"

#include <stdio.h>

#include "../../unit.h"

/* Everything that happens is written down as one line: "> text" sent, "name ..." called. */
static struct buf said;
static struct sio client;
static unsigned next_id;

static void on_send(struct sio *s, struct frame *f)
{
	(void)s;
	buf_add_str(&said, "> ");
	if (f->binary)
		buf_add_str(&said, "bytes ");
	buf_add(&said, frame_text(f).p, frame_text(f).n);
	buf_add_char(&said, '\n');
}

static void on_end(struct sio *s, enum sio_end how, enum close_reason why)
{
	(void)why;
	(void)s;
	buf_printf(&said, "end %s\n",
		how == SIO_END_BROKEN ? "broken"
		: how == SIO_END_LEFT ? "left"
				      : "retry");
}

static void make_id(char out[SIO_ID_SIZE])
{
	snprintf(out, SIO_ID_SIZE, "id%u", ++next_id);
}

static void on_settled(struct sio *s, bool yes)
{
	(void)s;
	buf_printf(&said, "settled %d\n", yes);
}

static void on_connect(struct sio *s, unsigned nsp, struct str auth)
{
	(void)s;
	buf_printf(&said, "connect %u %.*s\n", nsp, (int)auth.n, auth.p);
}

static void on_event(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	buf_printf(&said, "event %u %.*s\n", nsp, (int)p->json.n, p->json.p);
	if (p->attachments) {
		sio_emit_binary(s, nsp, "back", p->args, p->binary, p->attachments);
		sio_ack_binary(s, nsp, p->id, p->args, p->binary, p->attachments);
		return;
	}
	if (str_is(p->name, "\"leave\""))
		sio_leave(s, nsp);
	if (str_is(p->name, "\"end\"") || str_is(p->name, "\"leave\""))
		sio_end(s, SIO_END_LEFT, CLOSE_KICKED);
	sio_ack(s, nsp, p->id, p->args);
}

static void on_ack(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	(void)s;
	buf_printf(&said, "ack %u %u\n", nsp, (unsigned)p->id);
}

static void on_leave(struct sio *s, unsigned nsp)
{
	(void)s;
	buf_printf(&said, "leave %u\n", nsp);
}

static void on_gone(struct sio *s)
{
	(void)s;
	buf_add_str(&said, "gone\n");
}

static void on_message(struct sio *s, bool binary, struct str data)
{
	sio_send_message(s, binary, data);
}

static const char *const namespaces[] = { "/", "/custom", NULL };
static const struct sio_carrier carrier = { on_send, on_end, make_id, on_settled, NULL, NULL };
#define HANDLERS                                                                  \
	.namespaces = namespaces, .on_connect = on_connect, .on_event = on_event, \
	.on_ack = on_ack, .on_leave = on_leave, .on_gone = on_gone
static const struct sio_app strict = { HANDLERS };
static const struct sio_app kind_app = { HANDLERS, .events_connect = true };
static const struct sio_app binary_app = { HANDLERS, .takes_binary = true };
static const struct sio_app refusing = { .refusal = "{\"message\":\"no\"}", .on_gone = on_gone };
static const struct sio_app engine = { .on_message = on_message, .on_gone = on_gone };
static const struct sio_kind kind_strict = { &carrier, &strict, NULL, 100 };
static const struct sio_kind kind_lenient = { &carrier, &kind_app, NULL, 100 };
static const struct sio_kind kind_binary = { &carrier, &binary_app, NULL, 10 };
static const struct sio_kind kind_refusing = { &carrier, &refusing, NULL, 100 };
static const struct sio_kind kind_engine = { &carrier, &engine, NULL, 100 };

static int setup(void **state)
{
	(void)state;
	next_id = 0;
	buf_init(&said, 10000);
	sio_init(&client, &kind_strict, SIO_PROTOCOL_5);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sio_on_gone(&client);
	buf_finish(&said);
	return 0;
}

/* Feeds the packets and compares what happened. */
static void script(const char *const packets[], const char *expected)
{
	buf_clear(&said);
	for (size_t i = 0; packets[i]; i++)
		sio_on_text(&client, str_from(packets[i]));
	assert_string_equal(said.p ? said.p : "", expected);
}

#define SCRIPT(expected, ...) script((const char *const[]){ __VA_ARGS__, NULL }, expected)

static void connect_is_answered_with_a_fresh_id_and_nothing_else(void **state)
{
	(void)state;
	SCRIPT("> 40{\"sid\":\"id1\"}\nconnect 0 {}\n", "0");
	SCRIPT("> 40/custom,{\"sid\":\"id2\"}\nconnect 1 {\"a\":1}\n", "0/custom,{\"a\":1}");
}

static void an_unknown_namespace_is_refused_and_the_session_stays(void **state)
{
	(void)state;
	SCRIPT("> 44/random,{\"message\":\"Invalid namespace\"}\n"
	       "> 40{\"sid\":\"id1\"}\nconnect 0 {}\n",
		"0/random", "0");
}

static void events_reach_the_application_and_are_acknowledged(void **state)
{
	(void)state;
	SCRIPT("> 40{\"sid\":\"id1\"}\nconnect 0 {}\n"
	       "event 0 [\"m\",1]\n"
	       "event 0 [\"m\",\"\\u0041\", 2]\n> 43456[\"\\u0041\", 2]\n"
	       "event 0 [\"ping\"]\n> 430[]\n"
	       "ack 0 7\n",
		"0", "2[\"m\",1]", "2456[\"m\",\"\\u0041\", 2]", "20[\"ping\"]", "37[]");
}

static void an_event_before_connect_breaks_a_strict_server(void **state)
{
	(void)state;
	SCRIPT("end broken\n", "2[\"login\"]", "0");
}

#define CONNECTED "> 40{\"sid\":\"id1\"}\nconnect 0 {}\n"

static void an_event_before_connect_counts_as_connect_where_people_type(void **state)
{
	(void)state;
	sio_init(&client, &kind_lenient, SIO_PROTOCOL_5);
	SCRIPT("> 40{\"sid\":\"id1\"}\nconnect 0 {}\nevent 0 [\"login\",{}]\n"
	       "event 0 [\"x\"]\n",
		"2[\"login\",{}]", "2[\"x\"]");
	sio_init(&client, &kind_lenient, SIO_PROTOCOL_5);
	SCRIPT("end broken\n", "2/custom,[\"login\",{}]");
}

static void an_event_after_leaving_is_no_connect(void **state)
{
	(void)state;
	sio_init(&client, &kind_lenient, SIO_PROTOCOL_5);
	SCRIPT(CONNECTED "leave 0\nend broken\n", "0", "1", "2[\"x\"]");
	sio_init(&client, &kind_lenient, SIO_PROTOCOL_5);
	SCRIPT("> 44/x,{\"message\":\"Invalid namespace\"}\nend broken\n", "0/x", "2[\"x\"]");
	sio_init(&client, &kind_lenient, SIO_PROTOCOL_4);
	sio_start(&client);
	SCRIPT("leave 0\nend broken\n", "1", "2[\"x\"]");
}

static void a_client_may_leave_and_come_back(void **state)
{
	(void)state;
	SCRIPT("> 40{\"sid\":\"id1\"}\nconnect 0 {}\nleave 0\n"
	       "> 40{\"sid\":\"id2\"}\nconnect 0 {}\n",
		"0", "1", "0");
}

static void packets_that_crossed_our_goodbye_are_dropped(void **state)
{
	(void)state;
	SCRIPT("> 40{\"sid\":\"id1\"}\nconnect 0 {}\nevent 0 [\"leave\"]\n> 41\nend left\n", "0",
		"2[\"leave\"]", "2[\"x\"]", "2/,1[\"y\"]", "1", "0", "2[\"z\"]");
}

static void what_breaks_the_protocol_ends_the_session(void **state)
{
	static const char *const bad[] = { "", "abc", "0", "2{}", "2abc[\"a\"]", "4{}",
		"2/custom,[\"a\"]", "2/nowhere,[\"a\"]", "1/custom", "50-[\"a\"]", "511-[\"a\"]",
		"5[\"a\"]", "1{}", "51-[\"a\",{\"_placeholder\":true,\"num\":1}]",
		"51-[\"a\",[{\"_placeholder\":true}]]", "61-{}", "2[]", "2[null]", "2",
		"2[\"connect\"]", "2[\"disconnecting\"]", "4{\"message\":\"m\"}", "0[1]", "7" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sio_init(&client, &kind_strict, SIO_PROTOCOL_5);
		sio_on_text(&client, STR("0"));
		SCRIPT("end broken\n", bad[i], "2[\"more\"]");
		sio_on_gone(&client);
	}
	sio_init(&client, &kind_strict, SIO_PROTOCOL_5);
	buf_clear(&said);
	sio_on_binary(&client, STR("x"));
	assert_string_equal(said.p, "end broken\n");
}

static void what_is_passed_over_leaves_the_session_open(void **state)
{
	(void)state;
	SCRIPT("> 40{\"sid\":\"id1\"}\nconnect 0 {}\nevent 0 [7]\nack 0 5\n"
	       "> 44/n?a=1,{\"message\":\"Invalid namespace\"}\nevent 0 [\"on\"]\n",
		"0", "2[7]", "35[]", "0/n?a=1,", "2[\"on\"]");
}

/* Packets and, with a leading "b", attachments. */
static void mixed(const struct sio_kind *kind, const char *const packets[], const char *expected)
{
	sio_init(&client, kind, SIO_PROTOCOL_5);
	next_id = 0;
	buf_clear(&said);
	for (size_t i = 0; packets[i]; i++)
		if (packets[i][0] == 'b')
			sio_on_binary(&client, str_from(packets[i] + 1));
		else
			sio_on_text(&client, str_from(packets[i]));
	assert_string_equal(said.p, expected);
	sio_on_gone(&client);
}

#define TWO_HOLES "{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}"
#define MIXED(kind, expected, ...) \
	mixed(kind, (const char *const[]){ "0", __VA_ARGS__, NULL }, CONNECTED expected)

static void attachments_are_put_together_and_sent_back(void **state)
{
	(void)state;
	MIXED(&kind_binary,
		"event 0 [\"m\"," TWO_HOLES "]\n> 452-[\"back\"," TWO_HOLES "]\n"
		"> bytes one\n> bytes \n> 462-7[" TWO_HOLES "]\n> bytes one\n> bytes \n",
		"52-7[\"m\"," TWO_HOLES "]", "bone", "b");
}

static void attachments_nobody_wants_are_passed_over(void **state)
{
	(void)state;
	MIXED(&kind_strict, "event 0 [\"on\"]\n", "52-7[\"m\"," TWO_HOLES "]", "bone", "btwo",
		"2[\"on\"]");
}

static void attachments_out_of_place_end_the_session(void **state)
{
	(void)state;
	MIXED(&kind_binary, "end broken\n", "bone");
	MIXED(&kind_binary, "end broken\n", "52-[\"m\"," TWO_HOLES "]", "bone", "2[\"m\"]", "btwo");
	MIXED(&kind_binary, "end broken\n", "52-[\"m\"," TWO_HOLES "]", "bsix bytes", "bfive!");
}

static void an_old_client_is_in_the_main_namespace_from_the_start(void **state)
{
	(void)state;
	buf_clear(&said);
	sio_init(&client, &kind_strict, SIO_PROTOCOL_4);
	sio_start(&client);
	assert_string_equal(said.p, "> 40\nconnect 0 {}\n");
	SCRIPT("event 0 [\"a\"]\n> 40/custom,\nconnect 1 {}\n", "2[\"a\"]", "0/custom,");
	SCRIPT("> 44/n,{\"message\":\"Invalid namespace\"}\n", "0/n?token=x,");
	SCRIPT("end broken\n", "0");
}

static void start_old(void)
{
	sio_init(&client, &kind_strict, SIO_PROTOCOL_4);
	sio_start(&client);
}

static void the_query_of_an_old_clients_namespace_is_its_payload(void **state)
{
	(void)state;
	start_old();
	SCRIPT("> 40/custom,\nconnect 1 {\"token\":\"x\"}\n", "0/custom?token=x,");
	start_old();
	SCRIPT("> 40/custom,\nconnect 1 {\"a b\":\"\\\"=\",\"c\":\"\",\"d\":\"%zz%4\"}\n",
		"0/custom?a+b=%22=&&c&d=%zz%4");
	start_old();
	SCRIPT("end broken\n", "0/custom?a=%ff,");
}

static void a_refusing_application_says_so_and_ends(void **state)
{
	(void)state;
	sio_init(&client, &kind_refusing, SIO_PROTOCOL_5);
	SCRIPT("> 44{\"message\":\"no\"}\nend left\n", "0", "0");
	sio_init(&client, &kind_refusing, SIO_PROTOCOL_5);
	SCRIPT("> 44/x,{\"message\":\"no\"}\nend left\n", "0/x,");
	sio_init(&client, &kind_refusing, SIO_PROTOCOL_5);
	SCRIPT("> 44{\"message\":\"no\"}\nend left\n", "2[\"login\",{}]");
	sio_init(&client, &kind_refusing, SIO_PROTOCOL_4);
	buf_clear(&said);
	sio_start(&client);
	assert_string_equal(said.p, "> 44{\"message\":\"no\"}\nend left\n");
}

static void an_engine_application_gets_messages_as_they_are(void **state)
{
	(void)state;
	buf_clear(&said);
	sio_init(&client, &kind_engine, SIO_PROTOCOL_4);
	sio_start(&client);
	sio_on_text(&client, STR("9 anything"));
	sio_on_binary(&client, STR("\x01\x02"));
	assert_string_equal(said.p, "> 49 anything\n> bytes \x01\x02\n");
}

static void nothing_is_sent_after_the_end(void **state)
{
	(void)state;
	SCRIPT("> 40{\"sid\":\"id1\"}\nconnect 0 {}\nevent 0 [\"end\"]\nend left\n", "0",
		"21[\"end\"]", "2[\"m\"]");
	buf_clear(&said);
	sio_emit(&client, 0, "x", STR(""));
	sio_leave(&client, 0);
	sio_on_gone(&client);
	assert_string_equal(said.p, "gone\n");
}

static void emitted_events_are_written_without_spaces(void **state)
{
	struct frame *f = sio_event_frame(STR("[\"e\",{\"a\":1}]"));

	(void)state;
	SCRIPT("> 40{\"sid\":\"id1\"}\nconnect 0 {}\n> 40/custom,{\"sid\":\"id2\"}\nconnect 1 {}\n",
		"0", "0/custom,");
	buf_clear(&said);
	sio_emit(&client, 0, "authe_ok", STR("{\"message\":\"m\"}"));
	sio_emit(&client, 1, "takeOver", STR(""));
	sio_emit_frame(&client, f);
	assert_string_equal(said.p,
		"> 42[\"authe_ok\",{\"message\":\"m\"}]\n> 42/custom,[\"takeOver\"]\n"
		"> 42[\"e\",{\"a\":1}]\n");
	frame_unref(&f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(connect_is_answered_with_a_fresh_id_and_nothing_else),
		TEST(an_unknown_namespace_is_refused_and_the_session_stays),
		TEST(events_reach_the_application_and_are_acknowledged),
		TEST(an_event_before_connect_breaks_a_strict_server),
		TEST(an_event_before_connect_counts_as_connect_where_people_type),
		TEST(an_event_after_leaving_is_no_connect),
		TEST(a_client_may_leave_and_come_back),
		TEST(packets_that_crossed_our_goodbye_are_dropped),
		TEST(what_breaks_the_protocol_ends_the_session),
		TEST(what_is_passed_over_leaves_the_session_open),
		TEST(attachments_are_put_together_and_sent_back),
		TEST(attachments_nobody_wants_are_passed_over),
		TEST(attachments_out_of_place_end_the_session),
		TEST(the_query_of_an_old_clients_namespace_is_its_payload),
		TEST(an_old_client_is_in_the_main_namespace_from_the_start),
		TEST(a_refusing_application_says_so_and_ends),
		TEST(an_engine_application_gets_messages_as_they_are),
		TEST(nothing_is_sent_after_the_end),
		TEST(emitted_events_are_written_without_spaces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
