#include "http/fcgi_wire.h"

#include "../unit.h"

#define HEAD(type, request, length) "\1" type "\0" request "\0" length "\0\0"
#define BEGIN                       HEAD("\1", "\1", "\10") "\0\1\1\0\0\0\0\0"
#define PARAMS                      "\1\4\0\1\0\5\3\0A\1\2bcxyz" /* five bytes and three of padding */
#define NO_PARAMS                   HEAD("\4", "\1", "\0")
#define STDIN                       HEAD("\5", "\1", "\2") "ab"
#define NO_STDIN                    HEAD("\5", "\1", "\0")

#define LOOK(literal) fcgi_wire_look((struct str){ literal, sizeof(literal) - 1 })

static void a_request_is_whole_at_its_last_byte_only(void **state)
{
	static const char whole[] = BEGIN PARAMS PARAMS NO_PARAMS STDIN STDIN NO_STDIN;
	const size_t n = sizeof(whole) - 1;

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(fcgi_wire_look((struct str){ whole, i }), FCGI_WIRE_PART);
	assert_int_equal(fcgi_wire_look((struct str){ whole, n }), FCGI_WIRE_WHOLE);
	assert_int_equal(LOOK(BEGIN NO_PARAMS NO_STDIN), FCGI_WIRE_WHOLE);
}

static void what_no_web_server_sends_is_broken(void **state)
{
	(void)state;
	assert_int_equal(LOOK("GET / HTTP/1.1\r\n"), FCGI_WIRE_BROKEN);
	assert_int_equal(LOOK(PARAMS), FCGI_WIRE_BROKEN);
	assert_int_equal(LOOK(BEGIN NO_STDIN), FCGI_WIRE_BROKEN);
	assert_int_equal(LOOK(BEGIN BEGIN), FCGI_WIRE_BROKEN);
	assert_int_equal(LOOK(BEGIN NO_PARAMS PARAMS), FCGI_WIRE_BROKEN);
	/* Multiplexed; without an id; in another version; the next request before the answer. */
	assert_int_equal(LOOK(BEGIN HEAD("\4", "\2", "\0")), FCGI_WIRE_BROKEN);
	assert_int_equal(LOOK(HEAD("\1", "\0", "\10") "\0\1\1\0\0\0\0\0"), FCGI_WIRE_BROKEN);
	assert_int_equal(LOOK("\2\1\0\1\0\10\0\0"), FCGI_WIRE_BROKEN);
	assert_int_equal(LOOK(BEGIN NO_PARAMS NO_STDIN BEGIN), FCGI_WIRE_BROKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_whole_at_its_last_byte_only),
		cmocka_unit_test(what_no_web_server_sends_is_broken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
