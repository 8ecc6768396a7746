#include "relay/sio/packet.h"

#include <stdlib.h>

#include "../../unit.h"

static struct sio_packet p;

static bool parse(const char *text)
{
	return sio_packet_parse(str_from(text), &p);
}

static void connects_are_read(void **state)
{
	(void)state;
	assert_true(parse("0"));
	assert_int_equal(p.type, SIO_CONNECT);
	assert_str_equal(p.nsp, "/");
	assert_int_equal(p.json.n, 0);
	assert_true(parse("0{\"token\":\"x\"}"));
	assert_str_equal(p.json, "{\"token\":\"x\"}");
	assert_true(parse("0/custom,"));
	assert_str_equal(p.nsp, "/custom");
	assert_true(parse("0/custom"));
	assert_str_equal(p.nsp, "/custom");
	assert_true(parse("0/custom,{\"a\":1}"));
	assert_str_equal(p.json, "{\"a\":1}");
	assert_true(parse("0/ns?token=x,"));
	assert_str_equal(p.nsp, "/ns?token=x");
}

static void events_are_read_into_name_and_arguments(void **state)
{
	(void)state;
	assert_true(parse("2[\"login\",{\"a\":[1,2]},3]"));
	assert_int_equal(p.type, SIO_EVENT);
	assert_str_equal(p.name, "\"login\"");
	assert_str_equal(p.args, "{\"a\":[1,2]},3");
	assert_true(p.id == SIO_NO_ID);
	assert_true(parse("20[\"ping\"]"));
	assert_int_equal(p.id, 0);
	assert_str_equal(p.args, "");
	assert_true(parse("2/custom,456[\"m\",\"a,b\"]"));
	assert_str_equal(p.nsp, "/custom");
	assert_int_equal(p.id, 456);
	assert_str_equal(p.args, "\"a,b\"");
	assert_true(parse("2[1]"));
	assert_str_equal(p.name, "1");
}

static void acks_and_goodbyes_are_read(void **state)
{
	(void)state;
	assert_true(parse("312[]"));
	assert_int_equal(p.type, SIO_ACK);
	assert_int_equal(p.id, 12);
	assert_str_equal(p.json, "[]");
	assert_true(parse("3[]"));
	assert_true(p.id == SIO_NO_ID);
	assert_true(parse("1"));
	assert_true(parse("1/custom"));
	assert_true(parse("1/custom,"));
}

static void binary_events_announce_their_attachments(void **state)
{
	(void)state;
	assert_true(parse("52-[\"m\",{\"_placeholder\":true,\"num\":0}]"));
	assert_int_equal(p.type, SIO_BINARY_EVENT);
	assert_int_equal(p.attachments, 2);
	assert_true(parse("61-/custom,7[{}]"));
	assert_int_equal(p.id, 7);
	assert_true(parse("510-[\"m\"]"));
	assert_false(parse("511-[\"m\"]"));
	assert_false(parse("50-[\"m\"]"));
	assert_false(parse("5-[\"m\"]"));
	assert_false(parse("52[\"m\"]"));
}

static void a_line_end_behind_the_packet_is_let_pass(void **state)
{
	(void)state;
	assert_true(parse("2[\"a\"]\n"));
	assert_true(parse("0\r\n"));
	assert_false(parse("2[\"a\"] "));
	assert_false(parse("2[\"a\"]\n\n"));
}

static void what_breaks_the_protocol_is_refused(void **state)
{
	static const char *const bad[] = { "", "7", "abc", "9[]", "0[]", "0\"a\"", "0 {}", "012",
		"0{", "1{}", "1/custom,[]", "2", "2{}", "2[]", "2[null]", "2[{}]", "2[true]",
		"2 [\"a\"]", "2abc[\"a\"]", "2[\"a\"", "2[\"a\"]]", "2[\"connect\"]",
		"2[\"disconnect\"]", "2[\"newListener\"]", "2[\"\\u0063onnect\"]", "3", "3{}", "31",
		"4", "4{}", "4/x,{\"message\":\"a\"}", "29007199254740992[\"a\"]", "2/custom" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(parse(bad[i]));
	assert_true(parse("29007199254740991[\"a\"]"));
}

static void a_namespace_has_a_bound(void **state)
{
	char text[200] = "0/";

	(void)state;
	memset(text + 2, 'n', SIO_NAMESPACE_MAX - 1);
	assert_true(parse(text));
	text[SIO_NAMESPACE_MAX + 1] = 'n';
	assert_false(parse(text));
	text[SIO_NAMESPACE_MAX + 1] = '?';
	assert_true(parse(text));
}

static void names_that_old_clients_give_a_meaning_are_known(void **state)
{
	static const char *const names[] = { "\"connect_timeout\"", "\"connecting\"", "\"error\"",
		"\"reconnect\"", "\"reconnect_attempt\"", "\"reconnect_failed\"",
		"\"reconnect_error\"", "\"reconnecting\"", "\"ping\"", "\"\\u0070ong\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(sio_name_misleads_old(str_from(names[i])));
		assert_false(sio_name_is_reserved(str_from(names[i])));
	}
	assert_false(sio_name_misleads_old(STR("\"pings\"")));
	assert_false(sio_name_misleads_old(STR("7")));
}

static void packets_cut_anywhere_are_read_within_their_bounds(void **state)
{
	static const char *const texts[] = { "2/custom,456[\"m\",{\"a\":\"\\u0041\"}]",
		"52-/ns,7[\"m\",1]", "0/custom,{\"a\":1}", "312[1,2]" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t n = 0; n <= strlen(texts[i]); n++) {
			char *copy = malloc(n + 1);

			memcpy(copy, texts[i], n);
			bool ok = sio_packet_parse((struct str){ copy, n }, &p);
			if (n == strlen(texts[i]))
				assert_true(ok);
			free(copy);
		}
}

static void heads_are_written_without_the_main_namespace(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	sio_head_put(&out, SIO_EVENT, 0, "/", SIO_NO_ID);
	buf_add_char(&out, ' ');
	sio_head_put(&out, SIO_ACK, 0, "/", 0);
	buf_add_char(&out, ' ');
	sio_head_put(&out, SIO_ACK, 0, "/custom", 456);
	assert_str_equal(buf_str(&out), "42 430 43/custom,456");
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_are_read),
		cmocka_unit_test(events_are_read_into_name_and_arguments),
		cmocka_unit_test(acks_and_goodbyes_are_read),
		cmocka_unit_test(binary_events_announce_their_attachments),
		cmocka_unit_test(a_line_end_behind_the_packet_is_let_pass),
		cmocka_unit_test(what_breaks_the_protocol_is_refused),
		cmocka_unit_test(a_namespace_has_a_bound),
		cmocka_unit_test(names_that_old_clients_give_a_meaning_are_known),
		cmocka_unit_test(packets_cut_anywhere_are_read_within_their_bounds),
		cmocka_unit_test(heads_are_written_without_the_main_namespace),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
