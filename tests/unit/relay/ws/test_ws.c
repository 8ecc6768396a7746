#include "relay/ws/ws.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../unit.h"
#include "script.h"

#define MAX 1000

static struct buf in, said;

static int setup(void **state)
{
	(void)state;
	buf_init(&in, 1 << 20);
	buf_init(&said, 1 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_finish(&in);
	buf_finish(&said);
	return 0;
}

/* Reads one chunk to its end and writes what happened as "op:data;". Returns the close code, 0 when
 * nothing is wrong. */
static uint16_t feed(struct ws *w, const char *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);
	size_t at = 0, used;
	struct ws_event event;
	enum err e;

	memcpy(copy, p, n);
	while ((e = ws_read(w, copy + at, n - at, &event, &used)) == ERR_OK) {
		at += used;
		buf_printf(&said, "%d:", event.op);
		if (event.op == WS_CLOSE)
			buf_printf(&said, "%d:", event.code);
		buf_add(&said, event.data.p, event.data.n);
		buf_add_char(&said, ';');
	}
	free(copy);
	return e == ERR_PROTOCOL ? w->code : 0;
}

/* The script at once, then cut in two at every byte, then byte by byte: always the same. */
static void expect(const char *events, uint16_t code)
{
	for (size_t cut = 0; cut <= in.n; cut++) {
		struct ws w;
		uint16_t got;

		ws_init(&w, MAX);
		buf_clear(&said);
		got = feed(&w, in.p, cut);
		if (!got)
			got = feed(&w, in.p + cut, in.n - cut);
		assert_str_equal(buf_str(&said), events);
		assert_int_equal(got, code);
		ws_finish(&w);
	}
	struct ws w;
	uint16_t got = 0;

	ws_init(&w, MAX);
	buf_clear(&said);
	for (size_t i = 0; i < in.n && !got; i++)
		got = feed(&w, in.p + i, 1);
	assert_str_equal(buf_str(&said), events);
	assert_int_equal(got, code);
	ws_finish(&w);
	buf_clear(&in);
}

static void messages_come_out_unmasked_and_in_order(void **state)
{
	(void)state;
	script_text(&in, "40");
	script_text(&in, "");
	script_frame(&in, WS_BINARY, true, STR("\xff\xfe"));
	script_text(&in, "caf\xc3\xa9");
	expect("1:40;1:;2:\xff\xfe;1:caf\xc3\xa9;", 0);
}

static void a_message_in_one_piece_leaves_no_memory_behind(void **state)
{
	struct ws w;

	(void)state;
	script_text(&in, "42[\"ping\"]");
	ws_init(&w, MAX);
	assert_int_equal(feed(&w, in.p, in.n), 0);
	assert_null(w.partial);
	assert_int_equal(feed(&w, in.p, in.n - 1), 0);
	assert_non_null(w.partial);
	assert_int_equal(feed(&w, in.p + in.n - 1, 1), 0);
	assert_null(w.partial);
}

static void lengths_of_every_form_are_read(void **state)
{
	static const size_t lengths[] = { 125, 126, 127, 999, MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char text[MAX + 1], events[MAX + 8];

		memset(text, 'x', lengths[i]);
		text[lengths[i]] = '\0';
		snprintf(events, sizeof(events), "1:%s;", text);
		script_text(&in, text);
		expect(events, 0);
	}
}

static void fragments_are_joined_around_control_frames(void **state)
{
	(void)state;
	script_frame(&in, WS_TEXT, false, STR("caf\xc3"));
	script_frame(&in, WS_PING, true, STR("p"));
	script_frame(&in, WS_CONTINUATION, false, STR("\xa9 "));
	script_frame(&in, WS_PONG, true, STR(""));
	script_frame(&in, WS_CONTINUATION, true, STR("au"));
	script_text(&in, "next");
	expect("9:p;10:;1:caf\xc3\xa9 au;1:next;", 0);
}

static void close_carries_code_and_reason(void **state)
{
	(void)state;
	script_frame(&in, WS_CLOSE, true, STR("\x03\xe9gone"));
	expect("8:1001:gone;", 0);
	script_frame(&in, WS_CLOSE, true, STR(""));
	expect("8:1005:;", 0);
}

static void frames_that_break_the_rules_are_refused_with_1002(void **state)
{
	static const struct str bad[] = {
		STR("\x81\x02hi"),                  /* not masked */
		STR("\xc1\x80\0\0\0\0"),            /* reserved bit */
		STR("\x83\x80\0\0\0\0"),            /* unknown opcode */
		STR("\x8b\x80\0\0\0\0"),            /* unknown control opcode */
		STR("\x09\x80\0\0\0\0"),            /* fragmented ping */
		STR("\x89\xfe\0\x7e\0\0\0\0"),      /* ping over 125 bytes */
		STR("\x80\x80\0\0\0\0"),            /* continuation of nothing */
		STR("\x81\xfe\0\x05\0\0\0\0hello"), /* length not in its shortest form */
		STR("\x81\xff\0\0\0\0\0\0\0\x05\0\0\0\0hello"), /* the same, 64 bits */
		STR("\x81\xff\x80\0\0\0\0\0\0\0\0\0\0\0"),      /* length with its top bit set */
		STR("\x88\x81\0\0\0\0x"),                       /* close with half a code */
		STR("\x88\x82\0\0\0\0\x03\xed"),                /* close with 1005 */
		STR("\x88\x82\0\0\0\0\x03\xe7"),                /* close with 999 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_add(&in, bad[i].p, bad[i].n);
		expect("", WS_CLOSE_PROTOCOL);
	}
	script_frame(&in, WS_TEXT, false, STR("a"));
	script_frame(&in, WS_TEXT, true, STR("b"));
	expect("", WS_CLOSE_PROTOCOL);
}

static void text_that_is_not_utf8_is_refused_with_1007(void **state)
{
	(void)state;
	script_text(&in, "ok");
	script_text(&in, "\xc0\xaf");
	expect("1:ok;", WS_CLOSE_NOT_UTF8);
	script_frame(&in, WS_TEXT, false, STR("caf\xc3"));
	script_frame(&in, WS_CONTINUATION, true, STR("x"));
	expect("", WS_CLOSE_NOT_UTF8);
	script_frame(&in, WS_TEXT, false, STR("caf"));
	script_frame(&in, WS_CONTINUATION, true, STR("\xc3"));
	expect("", WS_CLOSE_NOT_UTF8);
	script_frame(&in, WS_CLOSE, true, STR("\x03\xe8\xff"));
	expect("", WS_CLOSE_NOT_UTF8);
}

static void messages_over_the_limit_are_refused_with_1009_before_they_are_kept(void **state)
{
	char text[MAX + 2] = { 0 };
	struct ws w;

	(void)state;
	memset(text, 'x', MAX + 1);
	script_text(&in, text);
	ws_init(&w, MAX);
	assert_int_equal(feed(&w, in.p, 8), WS_CLOSE_TOO_BIG);
	ws_finish(&w);
	expect("", WS_CLOSE_TOO_BIG);
	text[MAX] = '\0';
	script_frame(&in, WS_TEXT, false, str_from(text));
	script_frame(&in, WS_CONTINUATION, true, STR("y"));
	expect("", WS_CLOSE_TOO_BIG);
}

/* Empty fragments need no room in the message, and give nothing to do that would be counted. */
static void a_message_has_at_most_256_frames(void **state)
{
	struct ws w;

	(void)state;
	for (unsigned frames = 256; frames <= 257; frames++) {
		script_frame(&in, WS_TEXT, false, STR("x"));
		for (unsigned i = 2; i < frames; i++)
			script_frame(&in, WS_CONTINUATION, false, STR(""));
		ws_init(&w, MAX);
		assert_int_equal(feed(&w, in.p, in.n), 0);
		assert_int_equal(w.fragments, frames - 1);
		ws_finish(&w);
		script_frame(&in, WS_CONTINUATION, true, STR("y"));
		ws_init(&w, MAX);
		buf_clear(&said);
		assert_int_equal(feed(&w, in.p, in.n), frames > 256 ? WS_CLOSE_TOO_BIG : 0);
		assert_str_equal(buf_str(&said), frames > 256 ? "" : "1:xy;");
		ws_finish(&w);
		buf_clear(&in);
	}
}

static void heads_are_written_in_their_shortest_form(void **state)
{
	uint8_t out[FRAME_HEADROOM];

	(void)state;
	assert_int_equal(ws_head_put(out, WS_TEXT, 125), 2);
	assert_memory_equal(out, "\x81\x7d", 2);
	assert_int_equal(ws_head_put(out, WS_TEXT, 126), 4);
	assert_memory_equal(out, "\x81\x7e\0\x7e", 4);
	assert_int_equal(ws_head_put(out, WS_BINARY, 65535), 4);
	assert_memory_equal(out, "\x82\x7e\xff\xff", 4);
	assert_int_equal(ws_head_put(out, WS_TEXT, 65536), 10);
	assert_memory_equal(out, "\x81\x7f\0\0\0\0\0\x01\0\0", 10);
}

static void close_frames_carry_their_code(void **state)
{
	uint8_t out[127];

	(void)state;
	assert_int_equal(ws_close_put(out, WS_CLOSE_TOO_BIG), 4);
	assert_memory_equal(out, "\x88\x02\x03\xf1", 4);
	assert_int_equal(ws_close_put(out, WS_CLOSE_NONE), 2);
	assert_memory_equal(out, "\x88\x00", 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_come_out_unmasked_and_in_order),
		TEST(a_message_in_one_piece_leaves_no_memory_behind),
		TEST(lengths_of_every_form_are_read),
		TEST(fragments_are_joined_around_control_frames),
		TEST(close_carries_code_and_reason),
		TEST(frames_that_break_the_rules_are_refused_with_1002),
		TEST(text_that_is_not_utf8_is_refused_with_1007),
		TEST(messages_over_the_limit_are_refused_with_1009_before_they_are_kept),
		TEST(a_message_has_at_most_256_frames),
		TEST(heads_are_written_in_their_shortest_form),
		TEST(close_frames_carry_their_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
