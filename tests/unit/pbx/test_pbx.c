/* When things are told, what is mended by a sync and after a restart, and what is refused. */
#include "pbx_world.h"

#include "base/clock.h"

#define CALLS_MAX   3
#define DEVICES_MAX 4

static const struct pbx_limits limits = { CALLS_MAX, DEVICES_MAX };

static int begin(void **state)
{
	setup(state);
	world_begin(&limits);
	return 0;
}

static int end(void **state)
{
	world_end();
	return teardown(state);
}

static void tells(const char *reports, const char *told)
{
	world_reports(reports);
	assert_string_equal(world_said(), told);
}

static void syncs(const char *all, const char *told)
{
	world_sync(all, world.now_us);
	assert_string_equal(world_said(), told);
}

/* Without the time that passes after others. */
static void report_now(const char *report)
{
	char words[WORLD_WORDS][32];
	struct pbx_event e;

	world_split(report, words);
	e = world_event(words);
	pbx_take(world.pbx, &e, world.now_us);
}

static struct pbx_figures figures(void)
{
	struct pbx_figures f;

	pbx_figures(world.pbx, &f);
	return f;
}

static void what_changes_often_is_told_once_in_100_ms_and_as_it_is_at_last(void **state)
{
	(void)state;
	report_now("new c1 204 201");
	report_now("ring c1 201");
	world_said();
	world_pass(10000);
	report_now("up c1 201");
	report_now("hold c1 201 1");
	assert_string_equal(world_said(), "dave: connected 204 to 201\n"
					  "alice: connected 201 from 204\n"
					  "keep c1 as c1 204>201 at 201\n"
					  "keep c1 as c1 204>201 at 201\n");
	assert_int_equal(pbx_tick(world.pbx, world.now_us), 90);
	assert_int_equal(pbx_tick(world.pbx, world.now_us + 89999), 1);
	assert_string_equal(world_said(), "");
	world_pass(90000);
	assert_string_equal(world_said(), "204 busy to 201 c1 up\n201 onhold from 204 c1 up held\n"
					  "alice: is busy\n");
	assert_int_equal(pbx_tick(world.pbx, world.now_us), -1);
}

static void the_end_of_a_call_is_told_before_it_is_gone_from_the_device(void **state)
{
	(void)state;
	report_now("new c1 201 0721");
	world_said();
	world_pass(10000);
	report_now("end c1 487");
	assert_string_equal(world_said(), "alice: hangup 201 0721 normal_clearing\nforget c1\n"
					  "record c1 201/201>0721/- normal_clearing 487\n");
	world_pass(90000);
	assert_string_equal(world_said(), "201 offline\nalice: is offline\n");
}

static void a_clock_that_is_set_back_does_not_keep_anyone_waiting(void **state)
{
	(void)state;
	report_now("reg 201");
	world_said();
	world.now_us -= CLOCK_HOUR_US;
	report_now("unreg 201");
	assert_string_equal(world_said(), "201 offline\nalice: is offline\n");
}

static void nothing_is_told_twice_if_nothing_is_new(void **state)
{
	(void)state;
	world_report("reg 201");
	world_said();
	report_now("unreg 201");
	report_now("reg 201");
	world_pass(STEP_US);
	assert_string_equal(world_said(), "201 offline\nalice: is offline\n201 online\n"
					  "alice: is online\n");
	world_report("new c1 201 0721");
	world_said();
	report_now("hold c1 201 1");
	report_now("hold c1 201 0");
	world_pass(STEP_US);
	assert_null(strstr(world_said(), "alice: "));
}

static void a_sync_tells_what_was_missed(void **state)
{
	(void)state;
	world_reports("reg 201, reg 202, new c1 0721 carol, new c2 201 202, ring c2 202");
	world_said();
	syncs("reg 201, reg bob-web, up c2 bob-web",
		"alice: connected 201 to 202\nbob: connected 92202 from 201\n"
		"bob: hangup 202 201 answered_elsewhere\n"
		"keep c2 as c2 201>bob-web at bob-web\nkeep c2 as c2 201>bob-web at bob-web\n"
		"record c1 0721/->203/- normal_clearing 0\n"
		"92202 busy from 201 c2 up\nbob: is busy\n201 busy to 202 c2 up\n202 offline\n");
	syncs("reg 201, reg bob-web, up c2 bob-web, new c3 204 0721",
		"keep c3 as c3 204>0721\n204 busy to 0721 c3\ndave: is busy\n");
	world_sync("reg 201", world.now_us);
	assert_int_equal(figures().calls, 0);
	assert_int_equal(figures().devices_registered, 1);
}

static void what_was_reported_after_the_question_is_newer_than_the_answer(void **state)
{
	int64_t asked_us = world.now_us;

	(void)state;
	world_pass(1);
	world_reports("reg 201, reg 202, new c1 201 0721, new c2 202 0721");
	world_reports("unreg 202, end c2, new c3 204 0721");
	world_said();
	world_sync("reg 202, new c2 202 0721", asked_us);
	assert_string_equal(world_said(), "");
	assert_int_equal(figures().calls, 2);
	assert_int_equal(figures().devices_registered, 1);
}

static void a_call_that_has_ended_is_not_brought_back_by_an_old_answer(void **state)
{
	(void)state;
	world_reports("new c1 201 0721, end c1");
	world_said();
	syncs("new c1 201 0721", "");
	syncs("up c1 0721", "");
	/* It is still there after a minute: its end was not true. */
	world_pass(CLOCK_MINUTE_US);
	syncs("", "");
	world_sync("up c1 0721", world.now_us);
	assert_non_null(strstr(world_said(), "201 busy to 0721 c1 up\n"));
}

static void an_id_that_is_used_again_is_another_call(void **state)
{
	(void)state;
	world_reports("new c1 201 0721, end c1 486");
	world_said();
	tells("new c1 201 0721", "keep c1 as c1 201>0721\n201 busy to 0721 c1\nalice: is busy\n");
}

/* What {D}:st keeps of an extension that was told. */
static struct conversation shown = {
	.id = "SIP/201-0000001a>SIP/0721-0000001b",
	.linked_id = "c1",
	.unique_id = "c1",
	.counterpart_num = "0721",
	.counterpart_name = "<unknown>",
	.source_channel = "SIP/201-0000001a",
	.dest_channel = "SIP/0721-0000001b",
	.outgoing = true,
	.connected = true,
	.start_ms = 1760000000000,
};

static void remember(const char *exten, const char *username, enum exten_status status,
	const struct conversation *talk, const char *main)
{
	const struct exten_state x = { .exten = exten,
		.name = strcmp(username, "alice") == 0 ? "Alice" : "Gone",
		.username = username,
		.status = status,
		.ip = "",
		.port = "",
		.user_agent = "",
		.seq = WORLD_START_US + CLOCK_HOUR_US,
		.conversations = talk,
		.conversations_n = talk ? 1 : 0 };

	pbx_remember(world.pbx, "d", &x, main);
}

static void a_call_that_clients_show_goes_on_after_a_restart(void **state)
{
	(void)state;
	remember("201", "alice", EXTEN_BUSY, &shown, "busy");
	call_of("c1");
	memcpy(world.calls[0].from, "201", 4);
	memcpy(world.calls[0].to, "0721", 5);
	syncs("reg 201, up c1 0721", "keep c1 as c1 201>0721\nkeep c1 as c1 201>0721 at 0721\n");
	world_said();
	tells("end c1", "alice: hangup 201 0721 normal_clearing\nforget c1\n"
			"record c1 201/201>0721/- normal_clearing 0 answered\n"
			"201 online\nalice: is online\n");
}

/* c1 from 0721 became c2 to 0721. */
static void a_call_that_was_transferred_goes_on_after_a_restart(void **state)
{
	struct conversation moved = shown;

	(void)state;
	moved.outgoing = false;
	moved.unique_id = "c2";
	remember("201", "alice", EXTEN_BUSY, &moved, "busy");
	call_of("c2");
	memcpy(world.calls[0].from, "201", 4);
	memcpy(world.calls[0].to, "0721", 5);
	syncs("reg 201, up c2 0721", "keep c1 as c2 201>0721\nkeep c1 as c2 201>0721 at 0721\n");
}

static void a_call_that_ended_before_a_restart_ends_for_clients(void **state)
{
	(void)state;
	remember("201", "alice", EXTEN_BUSY, &shown, "busy");
	syncs("reg 201", "alice: hangup 201 0721 normal_clearing\nforget c1\n201 online\n"
			 "alice: is online\n");
}

static void a_device_that_rings_on_after_a_restart_is_not_rung_again(void **state)
{
	struct conversation ringing = shown;

	(void)state;
	ringing.outgoing = ringing.connected = false;
	ringing.counterpart_name = "Caller";
	remember("201", "alice", EXTEN_RINGING, &ringing, "ringing");
	call_of("c1");
	memcpy(world.calls[0].from, "0721", 5);
	memcpy(world.calls[0].to, "201", 4);
	syncs("reg 201, ring c1 -", "keep c1 as c1 0721>201\n");
	tells("up c1 201", "alice: connected 201 from 0721\nkeep c1 as c1 0721>201 at 201\n"
			   "201 busy from 0721 c1 up\nalice: is busy\n");
}

static void a_number_of_a_state_is_above_all_that_were_told_before_a_restart(void **state)
{
	const struct exten_state x = { .exten = "204", .username = "dave", .seq = INT64_MAX / 2 };

	(void)state;
	pbx_remember(world.pbx, "d", &x, NULL);
	world_sync("reg 204", world.now_us);
	assert_true(world.seq > INT64_MAX / 2);
}

static void an_extension_that_is_no_more_is_shown_as_away(void **state)
{
	(void)state;
	remember("666", "alice", EXTEN_ONLINE, NULL, "online");
	syncs("", "666 offline\nalice: is offline\n");
	remember("777", "gone", EXTEN_ONLINE, NULL, "online");
	syncs("", "777 offline\ngone: is offline\n");
	syncs("", "");
}

static void what_may_not_have_arrived_is_told_again(void **state)
{
	(void)state;
	world_reports("reg 201, new c1 201 0721");
	world_said();
	syncs("reg 201, new c1 201 0721", "");
	pbx_untold(world.pbx);
	syncs("reg 201, new c1 201 0721",
		"keep c1 as c1 201>0721\n201 busy to 0721 c1\nalice: is busy\n");
	syncs("reg 201, new c1 201 0721", "");
}

static void what_a_user_has_chosen_hides_what_the_devices_do(void **state)
{
	(void)state;
	world.alice_is = "callforward";
	tells("reg 201", "201 online\n");
	world.alice_is = "online";
	/* That it is "online" again was told by the one who made the change. */
	tells("new c1 201 0721", "keep c1 as c1 201>0721\n201 busy to 0721 c1\nalice: is busy\n");
}

static void a_user_is_found_once_the_directory_is_back(void **state)
{
	(void)state;
	world.is_directory_away = true;
	tells("reg 201, new c1 0721 201, ring c1 201", "");
	world.is_directory_away = false;
	syncs("reg 201, ring c1 201", "keep c1 as c1 0721>201\nalice: ringing 201 by 0721 Caller\n"
				      "201 ringing from 0721 c1\nalice: is ringing\n");
	world.is_directory_away = true;
	tells("up c1 201", "alice: connected 201 from 0721\nkeep c1 as c1 0721>201 at 201\n"
			   "201 busy from 0721 c1 up\n");
	world.is_directory_away = false;
	syncs("reg 201, up c1 201", "alice: is busy\n");
}

/* While it was away, jobs said "busy", and the call ended. */
static void what_could_not_be_told_of_a_user_is_told_when_it_can(void **state)
{
	(void)state;
	world.alice_is = "dnd";
	tells("reg 201", "201 online\n");
	world.is_directory_away = true;
	tells("new c1 201 0721", "keep c1 as c1 201>0721\n201 busy to 0721 c1\n");
	tells("end c1", "alice: hangup 201 0721 normal_clearing\nforget c1\n"
			"record c1 201/201>0721/- normal_clearing 0\n201 online\n");
	world.is_directory_away = false;
	world.alice_is = "online";
	/* Also that it disturbs no more. */
	syncs("reg 201", "201 online\nalice: is online\n");
}

static void what_was_reported_before_a_forward_comes_too_late_after_it(void **state)
{
	char words[WORLD_WORDS][32];
	struct pbx_event rang;

	(void)state;
	world_report("new c1 201 202");
	world_split("ring c1 202", words);
	rang = world_event(words);
	world_pass(STEP_US);
	world_report("fwd c1 202 0721 480");
	world_said();
	pbx_take(world.pbx, &rang, world.now_us);
	world_pass(STEP_US);
	assert_string_equal(world_said(), "");
}

static void what_is_above_the_limits_is_counted_and_not_told(void **state)
{
	(void)state;
	world_reports("new c1 0721 0721, new c2 0721 0721, new c3 0721 0721, new c4 201 0721");
	assert_string_equal(world_said(), "");
	assert_int_equal(figures().calls, CALLS_MAX);
	assert_int_equal(figures().refused, 1);
	world_reports("end c1, new c4 201 0721");
	assert_non_null(strstr(world_said(), "201 busy to 0721 c4\n"));
}

static void one_without_a_usable_id_is_refused(void **state)
{
	struct pbx_event e = { .kind = PBX_CALL_NEW, .at_us = world.now_us };
	char *id = arena_alloc(arena, 1024);

	(void)state;
	pbx_take(world.pbx, &e, world.now_us);
	e.call_id = "";
	pbx_take(world.pbx, &e, world.now_us);
	memset(id, 'x', 1000);
	e.call_id = id;
	pbx_take(world.pbx, &e, world.now_us);
	pbx_sync_begin(world.pbx, world.now_us);
	pbx_sync_call(world.pbx, &e);
	pbx_sync_end(world.pbx, world.now_us);
	assert_int_equal(figures().calls, 0);
	assert_int_equal(figures().refused, 3);
}

static void a_phone_that_changes_its_contact_all_the_time_is_bounded(void **state)
{
	struct pbx_event e = { .kind = PBX_REGISTERED, .of = { "201", "d" } };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		e.contact = arena_printf(arena, "sip:%d", i);
		pbx_take(world.pbx, &e, world.now_us);
	}
	assert_true(figures().refused > 900);
	assert_int_equal(figures().devices_registered, 1);
	e.kind = PBX_UNREGISTERED;
	e.contact = "*";
	pbx_take(world.pbx, &e, world.now_us);
	world_pass(STEP_US);
	assert_non_null(strstr(world_said(), "201 offline\n"));
}

static void a_device_that_its_user_has_no_more_is_away_and_its_phone_a_stranger(void **state)
{
	(void)state;
	world_reports("reg 202, reg bob-web");
	world_said();
	world.bob_has_one = true;
	world_pass(CLOCK_MINUTE_US);
	world_report("reg 202");
	syncs("reg 202, reg bob-web", "92202 offline\n");
	syncs("reg 202, reg bob-web", "");
	world.bob_has_one = false;
	world_pass(CLOCK_MINUTE_US);
	syncs("reg 202, reg bob-web", "92202 online\n");
}

static void those_who_do_nothing_make_room(void **state)
{
	(void)state;
	world_reports("new c1 0721 202, new c2 0721 203, new c3 0721 201");
	assert_int_equal(figures().refused, 0);
	world_reports("end c1 404, end c2 404, end c3 404");
	world_said();
	tells("reg 204", "204 online\ndave: is online\n");
	assert_int_equal(figures().refused, 0);
}

static void devices_above_the_limit_are_strangers(void **state)
{
	(void)state;
	world_reports("reg 201, reg 202, reg carol");
	world_said();
	tells("reg 204", "");
	assert_int_equal(figures().refused, 1);
	assert_int_equal(figures().unknown_addresses, 1);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(what_changes_often_is_told_once_in_100_ms_and_as_it_is_at_last),
		FRESH(the_end_of_a_call_is_told_before_it_is_gone_from_the_device),
		FRESH(a_clock_that_is_set_back_does_not_keep_anyone_waiting),
		FRESH(nothing_is_told_twice_if_nothing_is_new),
		FRESH(a_sync_tells_what_was_missed),
		FRESH(what_was_reported_after_the_question_is_newer_than_the_answer),
		FRESH(a_call_that_has_ended_is_not_brought_back_by_an_old_answer),
		FRESH(an_id_that_is_used_again_is_another_call),
		FRESH(a_call_that_clients_show_goes_on_after_a_restart),
		FRESH(a_call_that_was_transferred_goes_on_after_a_restart),
		FRESH(a_call_that_ended_before_a_restart_ends_for_clients),
		FRESH(a_device_that_rings_on_after_a_restart_is_not_rung_again),
		FRESH(a_number_of_a_state_is_above_all_that_were_told_before_a_restart),
		FRESH(an_extension_that_is_no_more_is_shown_as_away),
		FRESH(what_may_not_have_arrived_is_told_again),
		FRESH(what_a_user_has_chosen_hides_what_the_devices_do),
		FRESH(a_user_is_found_once_the_directory_is_back),
		FRESH(what_could_not_be_told_of_a_user_is_told_when_it_can),
		FRESH(what_was_reported_before_a_forward_comes_too_late_after_it),
		FRESH(what_is_above_the_limits_is_counted_and_not_told),
		FRESH(one_without_a_usable_id_is_refused),
		FRESH(a_phone_that_changes_its_contact_all_the_time_is_bounded),
		FRESH(a_device_that_its_user_has_no_more_is_away_and_its_phone_a_stranger),
		FRESH(those_who_do_nothing_make_room),
		FRESH(devices_above_the_limit_are_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
