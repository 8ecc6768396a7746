#include "relay/eio/packet.h"

#include "../../unit.h"

static void a_digit_and_its_data_are_taken_apart(void **state)
{
	struct eio_packet p;

	(void)state;
	assert_true(eio_packet_parse(STR("42[\"a\"]"), &p));
	assert_int_equal(p.type, EIO_MESSAGE);
	assert_str_equal(p.data, "2[\"a\"]");
	assert_true(eio_packet_parse(STR("2probe"), &p));
	assert_int_equal(p.type, EIO_PING);
	assert_str_equal(p.data, "probe");
	assert_true(eio_packet_parse(STR("6"), &p));
	assert_int_equal(p.type, EIO_NOOP);
	assert_str_equal(p.data, "");
}

static void anything_else_is_no_packet(void **state)
{
	struct eio_packet p;

	(void)state;
	assert_false(eio_packet_parse(STR(""), &p));
	assert_false(eio_packet_parse(STR("7"), &p));
	assert_false(eio_packet_parse(STR("abc"), &p));
	assert_false(eio_packet_parse(STR("bAQID"), &p));
	assert_false(eio_packet_parse(STR(" 2"), &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digit_and_its_data_are_taken_apart),
		cmocka_unit_test(anything_else_is_no_packet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
