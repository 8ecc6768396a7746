/* Transfers (sip-integration 3.3): the one who is transferred keeps the call, and so does who is called with Replaces. */
#include "pbx_world.h"

static int begin(void **state)
{
	setup(state);
	world_begin(&(struct pbx_limits){ 100, 100 });
	world_reports("reg 201, reg 202, reg carol, reg 204");
	return 0;
}

static int end(void **state)
{
	struct pbx_figures figures;

	pbx_figures(world.pbx, &figures);
	assert_int_equal(figures.calls, 0);
	world_end();
	return teardown(state);
}

/* Alice has called Bob. */
static void talk(void)
{
	world_reports("new c1 201 202, ring c1 202, up c1 202");
	world_said();
}

static void tells(const char *reports, const char *told)
{
	world_reports(reports);
	assert_string_equal(world_said(), told);
}

static void the_caller_is_transferred_by_the_callee(void **state)
{
	(void)state;
	talk();
	tells("refer c1 202 203 -", "");
	tells("end c1 0 202", "bob: hangup 202 201 normal_clearing\n202 online\nbob: is online\n");
	tells("new c2 201 203, ring c2 carol",
		"carol: ringing 203 by 201 Alice\ncarol ringing from 201 c1\ncarol: is ringing\n");
	tells("up c2 carol", "carol: connected carol from 201\nkeep c1 as c2 201>carol at carol\n"
			     "keep c1 as c2 201>carol at carol\n201 busy to 203 c1 up\n"
			     "carol busy from 201 c1 up\ncarol: is busy\n");
	tells("end c2 0 201",
		"alice: hangup 201 203 normal_clearing\ncarol: hangup carol 201 normal_clearing\n"
		"forget c1\nrecord c1 201/201>203/carol normal_clearing 0 rang answered\n"
		"201 online\nalice: is online\ncarol online\ncarol: is online\n");
}

static void the_callee_is_transferred_by_the_caller(void **state)
{
	(void)state;
	talk();
	tells("refer c1 201 0721 -, new c2 202 0721", "");
	tells("end c1 0 201",
		"alice: hangup 201 202 normal_clearing\n201 online\nalice: is online\n");
	tells("up c2 -", "keep c1 as c2 202>0721 at 0721\n202 busy from 0721 c1 up\n");
	tells("end c2 0 202", "bob: hangup 202 0721 normal_clearing\nforget c1\n"
			      "record c1 201/201>0721/- normal_clearing 0 rang answered\n"
			      "202 online\nbob: is online\n");
}

static void a_stranger_is_transferred_from_one_user_to_another(void **state)
{
	(void)state;
	world_reports("new c1 0721 202, ring c1 202, up c1 202, refer c1 202 203 -");
	world_said();
	tells("new c2 0721 203, ring c2 carol",
		"carol: ringing 203 by 0721 Caller\ncarol ringing from 0721 c1\n"
		"carol: is ringing\n");
	tells("end c1 0 202", "bob: hangup 202 0721 normal_clearing\n202 online\nbob: is online\n");
	tells("up c2 carol, end c2",
		"carol: connected carol from 0721\nkeep c1 as c2 0721>carol at carol\n"
		"carol busy from 0721 c1 up\ncarol: is busy\n"
		"carol: hangup carol 0721 normal_clearing\nforget c1\n"
		"record c1 0721/->203/carol normal_clearing 0 rang answered\n"
		"carol online\ncarol: is online\n");
}

static void a_transfer_that_fails_ends_with_its_cause_if_there_is_no_way_back(void **state)
{
	(void)state;
	talk();
	world_reports("refer c1 202 203 -, new c2 201 203, ring c2 carol, end c1 0 202");
	world_said();
	tells("end c2 486",
		"alice: hangup 201 202 user_busy\ncarol: hangup carol 201 user_busy\nforget c1\n"
		"record c1 201/201>202/202 normal_clearing 0 rang answered\n"
		"201 online\nalice: is online\ncarol online\ncarol: is online\n");
}

static void a_transfer_that_fails_leaves_the_old_call_as_it_is(void **state)
{
	(void)state;
	talk();
	tells("refer c1 202 203 -, new c2 201 203, end c2 486", "");
	tells("end c1 0 202",
		"alice: hangup 201 202 normal_clearing\nbob: hangup 202 201 normal_clearing\n"
		"forget c1\nrecord c1 201/201>202/202 normal_clearing 0 rang answered\n"
		"201 online\nalice: is online\n202 online\nbob: is online\n");
}

static void a_transfer_that_does_not_begin_ends_after_ten_seconds(void **state)
{
	(void)state;
	talk();
	tells("refer c1 202 203 -, end c1 0 202",
		"bob: hangup 202 201 normal_clearing\n202 online\nbob: is online\n");
	tells("wait 9000", "");
	tells("wait 1000", "record c1 201/201>202/202 normal_clearing 0 rang answered\n"
			   "alice: hangup 201 202 normal_clearing\nforget c1\n"
			   "201 online\nalice: is online\n");
	world_report("new c2 201 203");
	assert_non_null(strstr(world_said(), "201 busy to 203 c2\n"));
	world_report("end c2");
}

static void who_hangs_up_is_not_transferred(void **state)
{
	(void)state;
	talk();
	tells("refer c1 202 203 -, end c1 0 201",
		"alice: hangup 201 202 normal_clearing\nbob: hangup 202 201 normal_clearing\n"
		"forget c1\nrecord c1 201/201>202/202 normal_clearing 0 rang answered\n"
		"201 online\nalice: is online\n202 online\nbob: is online\n");
}

/* Alice and Bob talk, Bob asks Carol, and leaves them to each other; the end of Bob's call to Carol comes last. */
static void both_keep_their_calls_when_one_takes_the_place_of_another(void **state)
{
	(void)state;
	talk();
	world_reports("hold c1 202 1, new c2 202 203, ring c2 carol, up c2 carol");
	world_said();
	tells("refer c1 202 203 c2, new c3 201 203, ring c3 carol", "");
	tells("up c3 carol", "keep c1 as c3 201>carol at carol\nkeep c2 as c3 201>carol at carol\n"
			     "201 busy to 203 c1 up\ncarol busy from 201 c2 up\n");
	tells("end c2 0 203", "bob: hangup 202 203 normal_clearing\n"
			      "record c2 202/202>203/carol normal_clearing 0 rang answered\n"
			      "202 onhold from 201 c1 up held\n");
	tells("end c1 0 202", "bob: hangup 202 201 normal_clearing\n202 online\nbob: is online\n");
	tells("end c3", "alice: hangup 201 203 normal_clearing\nforget c1\n"
			"carol: hangup carol 201 normal_clearing\nforget c2\n"
			"record c1 201/201>203/carol normal_clearing 0 rang answered\n"
			"201 online\nalice: is online\ncarol online\ncarol: is online\n");
}

static void the_order_in_which_the_old_calls_end_does_not_matter(void **state)
{
	static const char *const orders[] = { "end c2 0 203, end c1 0 202, up c3 carol",
		"end c2 0 203, up c3 carol, end c1 0 202",
		"end c1 0 202, up c3 carol, end c2 0 203",
		"up c3 carol, end c1 0 202, end c2 0 203" };

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const char *told;

		world_end();
		world_begin(&(struct pbx_limits){ 100, 100 });
		world_reports("reg 201, reg 202, reg carol");
		talk();
		world_reports("new c2 202 203, ring c2 carol, up c2 carol, refer c1 202 203 c2");
		world_reports("new c3 201 203");
		world_said();
		world_reports(orders[i]);
		told = world_said();
		assert_null(strstr(told, "alice: "));
		assert_null(strstr(told, "carol: "));
		assert_non_null(strstr(told, "201 busy to 203 c1 up\n"));
		assert_non_null(strstr(told, "carol busy from 201 c2 up\n"));
		world_report("end c3");
	}
}

static void a_call_that_should_have_been_replaced_ends_with_the_transfer(void **state)
{
	(void)state;
	talk();
	world_reports("new c2 202 203, ring c2 carol, up c2 carol, refer c1 202 203 c2");
	world_reports("end c2 0 203, new c3 201 203, end c1 0 202");
	world_said();
	tells("end c3 503", "alice: hangup 201 202 normal_circuit_congestion\nforget c1\n"
			    "carol: hangup carol 202 normal_circuit_congestion\nforget c2\n"
			    "record c1 201/201>202/202 normal_clearing 0 rang answered\n"
			    "201 online\nalice: is online\ncarol online\ncarol: is online\n");
}

static void another_call_of_the_transferred_user_is_another_call(void **state)
{
	(void)state;
	talk();
	world_reports("refer c1 202 203 -");
	tells("new c2 201 204", "keep c2 as c2 201>204\n201 busy to 202 c1 up to 204 c2\n");
	world_reports("end c2 487, end c1");
}

static void what_was_transferred_is_transferred_again(void **state)
{
	(void)state;
	talk();
	world_reports("refer c1 202 203 -, end c1 0 202, new c2 201 203, up c2 carol");
	world_said();
	tells("refer c2 carol 204 -, end c2 0 carol",
		"carol: hangup carol 201 normal_clearing\ncarol online\ncarol: is online\n");
	tells("new c3 201 204, ring c3 204, up c3 204",
		"dave: ringing 204 by 201 Alice\n204 ringing from 201 c1\ndave: is ringing\n"
		"dave: connected 204 from 201\nkeep c1 as c3 201>204 at 204\n"
		"keep c1 as c3 201>204 at 204\n201 busy to 204 c1 up\n204 busy from 201 c1 up\n"
		"dave: is busy\n");
	tells("end c3 0 204",
		"alice: hangup 201 204 normal_clearing\ndave: hangup 204 201 normal_clearing\n"
		"forget c1\nrecord c1 201/201>204/204 normal_clearing 0 rang answered\n"
		"201 online\nalice: is online\n204 online\ndave: is online\n");
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(the_caller_is_transferred_by_the_callee),
		FRESH(the_callee_is_transferred_by_the_caller),
		FRESH(a_stranger_is_transferred_from_one_user_to_another),
		FRESH(a_transfer_that_fails_ends_with_its_cause_if_there_is_no_way_back),
		FRESH(a_transfer_that_fails_leaves_the_old_call_as_it_is),
		FRESH(a_transfer_that_does_not_begin_ends_after_ten_seconds),
		FRESH(who_hangs_up_is_not_transferred),
		FRESH(both_keep_their_calls_when_one_takes_the_place_of_another),
		FRESH(the_order_in_which_the_old_calls_end_does_not_matter),
		FRESH(a_call_that_should_have_been_replaced_ends_with_the_transfer),
		FRESH(another_call_of_the_transferred_user_is_another_call),
		FRESH(what_was_transferred_is_transferred_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
