/* The rows of sip-integration 3.3: what is reported, and what is told. */
#include "pbx_world.h"

struct row {
	const char *before, *report, *told;
};

static const struct row rows[] = {
	/* Registrations. */
	{ "", "reg 201", "201 online\nalice: is online\n" },
	{ "reg 201", "reg 201", "" },
	{ "reg 201", "unreg 201", "201 offline\nalice: is offline\n" },
	{ "reg 202", "reg bob-web", "92202 online\n" },
	{ "reg 202, reg bob-web", "unreg 202", "202 offline\n" },
	{ "", "reg stranger", "" },
	{ "", "unreg 201", "" },
	/* A call. */
	{ "reg 201, reg carol", "new c1 201 203",
		"keep c1 as c1 201>203\n201 busy to 203 c1\nalice: is busy\n" },
	{ "reg carol, new c1 201 203", "ring c1 carol",
		"carol: ringing 203 by 201 Alice\ncarol ringing from 201 c1\ncarol: is ringing\n" },
	{ "new c1 201 203, ring c1 carol", "ring c1 carol", "" },
	{ "new c1 201 203, ring c1 carol", "up c1 carol",
		"alice: connected 201 to 203\ncarol: connected carol from 201\n"
		"keep c1 as c1 201>carol at carol\nkeep c1 as c1 201>carol at carol\n"
		"201 busy to 203 c1 up\ncarol busy from 201 c1 up\ncarol: is busy\n" },
	{ "new c1 201 203, ring c1 carol, up c1 carol", "up c1 carol", "" },
	{ "reg 201, new c1 201 203, ring c1 carol, up c1 carol", "end c1",
		"alice: hangup 201 203 normal_clearing\ncarol: hangup carol 201 normal_clearing\n"
		"forget c1\nrecord c1 201/201>203/carol normal_clearing 0 rang answered\n"
		"201 online\nalice: is online\ncarol offline\ncarol: is offline\n" },
	{ "new c1 201 203, ring c1 carol, up c1 carol, end c1", "end c1", "" },
	{ "new c1 201 203, ring c1 carol, end c1 487", "ring c1 carol", "" },
	{ "new c1 201 203, ring c1 carol, end c1 487", "up c1 carol", "" },
	/* From and to others. */
	{ "", "new c1 0721 201", "" },
	{ "new c1 0721 201", "ring c1 201",
		"keep c1 as c1 0721>201\nalice: ringing 201 by 0721 Caller\n"
		"201 ringing from 0721 c1\nalice: is ringing\n" },
	{ "", "new c1 201 0721", "keep c1 as c1 201>0721\n201 busy to 0721 c1\nalice: is busy\n" },
	{ "new c1 201 0721", "up c1 -",
		"alice: connected 201 to 0721\nkeep c1 as c1 201>0721 at 0721\n"
		"201 busy to 0721 c1 up\n" },
	/* All devices of a user ring; one of them answers. */
	{ "new c1 201 202, ring c1 202", "ring c1 bob-web",
		"bob: ringing 202 by 201 Alice\n92202 ringing from 201 c1\n" },
	{ "new c1 201 202, ring c1 202, ring c1 bob-web", "up c1 bob-web",
		"alice: connected 201 to 202\nbob: connected 92202 from 201\n"
		"bob: hangup 202 201 answered_elsewhere\n"
		"keep c1 as c1 201>bob-web at bob-web\nkeep c1 as c1 201>bob-web at bob-web\n"
		"201 busy to 202 c1 up\n92202 busy from 201 c1 up\nbob: is busy\n202 offline\n" },
	/* The PBX does not say which one answers. */
	{ "new c1 201 203, ring c1 -", "up c1 -",
		"alice: connected 201 to 203\ncarol: connected carol from 201\n"
		"keep c1 as c1 201>203 at carol\nkeep c1 as c1 201>203 at carol\n"
		"201 busy to 203 c1 up\ncarol busy from 201 c1 up\ncarol: is busy\n" },
	/* Hold. */
	{ "new c1 201 203, up c1 carol", "hold c1 203 1", "carol onhold from 201 c1 up held\n" },
	{ "new c1 201 203, up c1 carol, hold c1 carol 1", "hold c1 carol 0",
		"carol busy from 201 c1 up\n" },
	{ "new c1 201 203, up c1 carol", "hold c1 alice 1", "201 onhold to 203 c1 up held\n" },
	{ "new c1 201 203, up c1 carol, hold c1 201 1", "hold c1 201 1", "" },
	/* Forwarded. */
	{ "new c1 201 202, ring c1 202", "fwd c1 202 203 486",
		"bob: hangup 202 201 user_busy\n202 offline\nbob: is offline\n"
		"201 busy to 203 c1\n" },
	{ "new c1 201 202, ring c1 202, ring c1 bob-web", "fwd c1 bob 0721 0",
		"bob: hangup 202 201 no_answer\nbob: hangup 92202 201 no_answer\n"
		"202 offline\n92202 offline\nbob: is offline\n201 busy to 0721 c1\n" },
	{ "new c1 201 202", "fwd c1 202 203 0", "201 busy to 203 c1\n" },
	{ "new c1 201 202, fwd c1 202 203 0", "ring c1 carol",
		"carol: ringing 202 by 201 Alice\ncarol ringing from 201 c1\ncarol: is ringing\n" },
	{ "new c1 201 202, fwd c1 202 203 0, ring c1 carol, up c1 carol", "end c1",
		"alice: hangup 201 203 normal_clearing\ncarol: hangup carol 201 normal_clearing\n"
		"forget c1\nrecord c1 201/201>203/carol normal_clearing 0 rang answered\n"
		"201 offline\nalice: is offline\ncarol offline\ncarol: is offline\n" },
	/* Several calls. */
	{ "new c1 201 203, up c1 carol", "new c2 204 201",
		"keep c2 as c2 204>201\n204 busy to 201 c2\ndave: is busy\n" },
	{ "new c1 201 203, up c1 carol, new c2 204 201", "ring c2 201",
		"alice: ringing 201 by 204 Dave\n201 busy_ringing to 203 c1 up from 204 c2\n" },
	{ "new c1 201 203, up c1 carol, hold c1 201 1, new c2 204 201, ring c2 201", "up c2 201",
		"dave: connected 204 to 201\nalice: connected 201 from 204\n"
		"keep c2 as c2 204>201 at 201\nkeep c2 as c2 204>201 at 201\n"
		"204 busy to 201 c2 up\n201 busy to 203 c1 up held from 204 c2 up\n" },
	{ "new c1 201 203, up c1 carol, new c2 204 201, up c2 201", "end c1",
		"alice: hangup 201 203 normal_clearing\ncarol: hangup carol 201 normal_clearing\n"
		"forget c1\nrecord c1 201/201>203/carol normal_clearing 0 answered\n"
		"201 busy from 204 c2 up\ncarol offline\ncarol: is offline\n" },
	{ "new c1 201 203, new c2 204 201", "ring c2 201",
		"alice: ringing 201 by 204 Dave\n201 busy_ringing to 203 c1 from 204 c2\n" },
	/* Voicemail. */
	{ "", "mwi bob 2 5", "bob: voicemail box 2/5\n" },
	{ "", "mwi 201 1 0", "alice: voicemail 201 1/0\n" },
	{ "mwi 201 1 0", "mwi 201 1 0", "" },
	{ "", "mwi stranger 1 0", "" },
	/* Not told. */
	{ "", "hold c1 201 1", "" },
	{ "", "refer c1 201 203 -", "" },
	/* Reports that were lost. */
	{ "call c1 201 203", "ring c1 carol",
		"keep c1 as c1 201>203\ncarol: ringing 203 by 201 Alice\n"
		"201 busy to 203 c1\nalice: is busy\ncarol ringing from 201 c1\n"
		"carol: is ringing\n" },
	{ "call c1 201 203", "up c1 carol",
		"keep c1 as c1 201>203\nalice: connected 201 to 203\n"
		"carol: connected carol from 201\n"
		"keep c1 as c1 201>carol at carol\nkeep c1 as c1 201>carol at carol\n"
		"201 busy to 203 c1 up\nalice: is busy\ncarol busy from 201 c1 up\n"
		"carol: is busy\n" },
	{ "call c1 201 203", "end c1 404",
		"keep c1 as c1 201>203\nalice: hangup 201 203 subscriber_absent\nforget c1\n"
		"record c1 201/201>203/- subscriber_absent 404\n" },
};

/* "call ID FROM TO": it is there, and nothing of it was reported. */
static void come_to_pass(const char *reports)
{
	char words[WORLD_WORDS][32];

	world_split(reports, words);
	if (strcmp(words[0], "call") == 0) {
		struct told_call *call = call_of(words[1]);

		memcpy(call->from, words[2], sizeof(call->from));
		memcpy(call->to, words[3], sizeof(call->to));
	} else if (*reports) {
		world_reports(reports);
	}
}

static void clients_are_told_what_the_pbx_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *told;

		world_begin(&(struct pbx_limits){ 100, 100 });
		come_to_pass(rows[i].before);
		world_said();
		world_reports(rows[i].report);
		told = world_said();
		if (strcmp(told, rows[i].told) != 0)
			print_error("row %zu: %s | %s\n", i, rows[i].before, rows[i].report);
		assert_string_equal(told, rows[i].told);
		world_end();
	}
}

static const struct {
	int64_t code;
	const char *callee, *cause;
} causes[] = {
	{ 0, "203", "normal_clearing" },
	{ 487, "203", "normal_clearing" },
	{ 486, "203", "user_busy" },
	{ 600, "203", "user_busy" },
	{ 603, "203", "call_rejected" },
	{ 480, "203", "no_answer" },
	{ 408, "203", "no_answer" },
	{ 404, "0721", "unallocated_number" },
	{ 484, "0721", "unallocated_number" },
	{ 484, "203", "unallocated_number" },
	{ 404, "203", "subscriber_absent" },
	{ 503, "203", "normal_circuit_congestion" },
	{ 500, "203", "interworking" },
	{ 599, "203", "interworking" },
	{ 403, "203", "not_defined" },
	{ 606, "203", "not_defined" },
};

static void the_cause_is_that_of_what_ended_the_call(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		world_begin(&(struct pbx_limits){ 100, 100 });
		world_report(arena_printf(arena, "new c1 201 %s", causes[i].callee));
		world_said();
		world_report(arena_printf(arena, "end c1 %" PRId64, causes[i].code));
		assert_string_equal(
			world_said(), arena_printf(arena,
					      "alice: hangup 201 %s %s\nforget c1\n"
					      "record c1 201/201>%s/- %s %" PRId64 "\n"
					      "201 offline\nalice: is offline\n",
					      causes[i].callee, causes[i].cause, causes[i].callee,
					      causes[i].cause, causes[i].code));
		world_end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_told_what_the_pbx_reports),
		cmocka_unit_test(the_cause_is_that_of_what_ended_the_call),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
