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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_clients_raise_themselves_is_reserved),
		cmocka_unit_test(every_other_name_is_free),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
