#include "base/event_name.h"

#include "../unit.h"

static void what_clients_raise_themselves_is_reserved(void **state)
{
	(void)state;
	assert_true(event_name_is_reserved("connect"));
	assert_true(event_name_is_reserved("connect_error"));
	assert_true(event_name_is_reserved("disconnect"));
	assert_true(event_name_is_reserved("disconnecting"));
	assert_true(event_name_is_reserved("newListener"));
	assert_true(event_name_is_reserved("removeListener"));
}

static void every_other_name_is_free(void **state)
{
	(void)state;
	assert_false(event_name_is_reserved("extenUpdate"));
	assert_false(event_name_is_reserved("Connect"));
	assert_false(event_name_is_reserved("connected"));
	assert_false(event_name_is_reserved(""));
}

static void what_makes_clients_act_and_what_relays_say_is_known(void **state)
{
	(void)state;
	assert_true(event_name_acts("callWebrtc"));
	assert_true(event_name_acts("answerWebrtc"));
	assert_true(event_name_acts("actionNethLink"));
	assert_false(event_name_acts("extenRinging"));
	assert_true(event_name_is_of_relays("401"));
	assert_true(event_name_is_of_relays("takeOver"));
	assert_false(event_name_is_of_relays("takeOverAck"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_clients_raise_themselves_is_reserved),
		cmocka_unit_test(every_other_name_is_free),
		cmocka_unit_test(what_makes_clients_act_and_what_relays_say_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
