/* What was missed is noticed, and costs those who missed it one reconnect (cti-api 3.5). */
#include <stdio.h>

#include "stage.h"

#define SEQ STR("cti1:{" DOMAIN "}:seq")

/* An event counted by its producer; flags 4: told once. */
static void counted(const char *channel, int sequence, const char *epoch, int flags)
{
	char text[256];

	snprintf(text, sizeof(text),
		"{\"v\":1,\"k\":\"e\",\"s\":%d,\"e\":\"%s\",\"f\":%d}\n[\"event\"]", sequence,
		epoch, flags);
	publish(channel, text);
}

static void set_sequence(const char *suffix, const char *sequence, const char *epoch)
{
	REDIS_NUMBER(STR("HSET"), SEQ, str_from(suffix), str_from(sequence), STR("epoch"),
		str_from(epoch));
}

static void next_number_is_no_gap(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	counted(ROOM_OF("all"), 7, "x", 0);
	counted(ROOM_OF("all"), 8, "x", 0);
	stage_pass(10000);
	assert_said(c, "event event");
}

static void jump_makes_the_members_of_the_room_come_back_and_nobody_else(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *member = client_of(aa, "alice", "A", NULL), *other = client_open(aa);

	(void)state;
	session_copy("bob", "B", "elsewhere", stage_wall_s() + 1000);
	client_log_in(other, "bob", "B", NULL);
	counted(ROOM_OF("all"), 7, "x", 0);
	counted(ROOM_OF("all"), 9, "x", 0);
	stage_pass(10000);
	assert_said(member, "event event retry");
	assert_said(other, "authe_ok");
	assert_int_equal(relay_counters(aa).gaps, 1);
	assert_int_equal(relay_counters(aa).resyncs, 1);
}

static void new_epoch_is_a_gap(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	counted(ROOM_OF("all"), 7, "x", 0);
	counted(ROOM_OF("all"), 8, "y", 0);
	stage_pass(10000);
	assert_said(c, "event event retry");
}

static void repeated_message_is_none(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	counted(ROOM_OF("all"), 7, "x", 0);
	counted(ROOM_OF("all"), 7, "x", 0);
	counted(ROOM_OF("all"), 8, "x", 0);
	stage_pass(10000);
	assert_said(c, "event event event");
}

static void first_message_is_measured_by_what_redis_had_counted(void **state)
{
	struct client *c;

	(void)state;
	set_sequence("r:all", "6", "x");
	c = client_of(relay_start("aa"), "alice", "A", NULL);
	counted(ROOM_OF("all"), 8, "x", 0);
	stage_pass(10000);
	assert_said(c, "event retry");
}

static void events_told_once_to_a_user_are_only_counted_as_missed(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	counted(USER_OF("alice"), 1, "x", 4);
	counted(USER_OF("alice"), 5, "x", 4);
	stage_pass(10000);
	assert_said(c, "event event");
	assert_int_equal(relay_counters(aa).gaps, 1);
}

static void user_who_was_told_a_state_comes_back(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	counted(USER_OF("alice"), 1, "x", 3);
	counted(USER_OF("alice"), 5, "x", 4);
	stage_pass(10000);
	assert_said(c, "event event retry");
}

static void counted_order_is_neither_a_gap_nor_a_state(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);
	char text[96];

	(void)state;
	counted(USER_OF("alice"), 1, "x", 4);
	for (int i = 1; i <= 3; i++) {
		snprintf(text, sizeof(text),
			"{\"v\":1,\"k\":\"c\",\"s\":%d,\"e\":\"x\",\"o\":\"revoke\",\"j\":[\"Z\"]}",
			i);
		publish(ORDERS, text);
	}
	counted(USER_OF("alice"), 2, "x", 4);
	assert_int_equal(relay_counters(aa).gaps, 0);
	counted(USER_OF("alice"), 5, "x", 4);
	stage_pass(10000);
	assert_int_equal(relay_counters(aa).gaps, 1);
	assert_said(c, "event event event");
}

/* The connection was lost. */

static void lost_connection_without_a_lost_message_costs_nothing(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	set_sequence("r:all", "6", "x");
	c = client_of(aa, "alice", "A", NULL);
	counted(ROOM_OF("all"), 7, "x", 0);
	set_sequence("r:all", "7", "x");
	relay_cut(aa, LINE_EVENTS);
	relay_mend(aa);
	stage_pass(12000);
	assert_said(c, "event");
	assert_int_equal(relay_counters(aa).gaps, 0);
}

static void message_lost_with_the_connection_is_noticed_when_it_is_back(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	counted(ROOM_OF("all"), 7, "x", 0);
	relay_cut(aa, LINE_EVENTS);
	set_sequence("r:all", "8", "x");
	relay_mend(aa);
	stage_pass(12000);
	assert_said(c, "event retry");
	assert_int_equal(relay_counters(aa).gaps, 1);
}

static void redis_that_begins_anew_is_a_gap(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	set_sequence("r:all", "6", "x");
	c = client_of(aa, "alice", "A", NULL);
	relay_cut(aa, LINE_EVENTS);
	REDIS_NUMBER(STR("DEL"), SEQ);
	relay_mend(aa);
	stage_pass(12000);
	assert_said(c, "retry");
}

static void redis_that_went_back_in_time_is_a_gap(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	counted(ROOM_OF("all"), 7, "x", 0);
	relay_cut(aa, LINE_EVENTS);
	set_sequence("r:all", "5", "x");
	relay_mend(aa);
	stage_pass(12000);
	assert_said(c, "event retry");
}

/* Redis answers what it has counted while the message itself is still on its way. */
static void message_that_is_still_on_its_way_is_not_lost(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	counted(ROOM_OF("all"), 7, "x", 0);
	set_sequence("r:all", "7", "x");
	relay_cut(aa, LINE_EVENTS);
	relay_hold(aa, LINE_COMMANDS, true);
	while (REDIS_NUMBER(STR("PUBLISH"), STR(ROOM_OF("all")), STR("[\"back\"]")) == 0)
		stage_turn();
	while (c->said.n < strlen("event back"))
		stage_turn();
	relay_hold(aa, LINE_EVENTS, true);
	relay_hold(aa, LINE_COMMANDS, false);
	REDIS_NUMBER(STR("PUBLISH"), STR(ROOM_OF("all")),
		STR("{\"v\":1,\"k\":\"e\",\"s\":8,\"e\":\"x\"}\n[\"late\"]"));
	set_sequence("r:all", "8", "x");
	stage_settle();
	relay_hold(aa, LINE_EVENTS, false);
	stage_pass(12000);
	assert_said(c, "event back late");
	assert_int_equal(relay_counters(aa).gaps, 0);
}

static void gap_is_asked_for_when_commands_are_taken_again(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	counted(ROOM_OF("all"), 7, "x", 0);
	relay_cut(aa, LINE_COMMANDS);
	relay_hold(aa, LINE_COMMANDS, true);
	set_sequence("r:all", "8", "x");
	stage_pass(12000);
	assert_said(c, "event");
	relay_hold(aa, LINE_COMMANDS, false);
	relay_mend(aa);
	stage_pass(12000);
	assert_said(c, "retry");
}

/* How they come back. */

static size_t gone(struct client *const *clients, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += clients[i]->ended;
	return count;
}

#define CROWD 600

static struct client *crowd[CROWD];

/* Each with a channel of its own; and all in one room. */
static struct relay *fill(void)
{
	struct relay *aa = relay_start("aa");
	char user[32];

	aa->settings.core.check_ms = 3600000;
	for (size_t i = 0; i < CROWD; i++) {
		snprintf(user, sizeof(user), "user%zu", i);
		crowd[i] = client_of(aa, user, user, NULL);
	}
	return aa;
}

static void members_of_a_room_leave_evenly_within_ten_seconds(void **state)
{
	(void)state;
	fill();
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"o\":\"resync\",\"rooms\":[\"all\"]}");
	assert_int_equal(gone(crowd, CROWD), 0);
	for (size_t i = 1; i <= 9; i++) {
		stage_pass(1000);
		assert_in_range(gone(crowd, CROWD), i * CROWD / 10 - 10, i * CROWD / 10 + 10);
	}
	stage_pass(1000);
	assert_int_equal(gone(crowd, CROWD), CROWD);
}

static void members_of_many_channels_leave_within_ten_seconds_too(void **state)
{
	char text[96];

	(void)state;
	fill();
	for (size_t i = 0; i < CROWD; i++) {
		snprintf(text, sizeof(text),
			"{\"v\":1,\"k\":\"c\",\"o\":\"resync\",\"u\":\"user%zu\"}", i);
		REDIS_NUMBER(STR("PUBLISH"), STR(ORDERS), str_from(text));
	}
	stage_pass(5000);
	assert_in_range(gone(crowd, CROWD), CROWD / 2 - 60, CROWD / 2 + 60);
	stage_pass(5000);
	assert_int_equal(gone(crowd, CROWD), CROWD);
}

static void few_leave_fifty_a_second(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *few[20];

	(void)state;
	for (size_t i = 0; i < 20; i++)
		few[i] = client_of(aa, "alice", "A", NULL);
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"o\":\"resync\",\"rooms\":[\"all\"]}");
	stage_pass(200);
	assert_in_range(gone(few, 20), 8, 12);
	stage_pass(250);
	assert_int_equal(gone(few, 20), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(next_number_is_no_gap),
		TEST(jump_makes_the_members_of_the_room_come_back_and_nobody_else),
		TEST(new_epoch_is_a_gap),
		TEST(repeated_message_is_none),
		TEST(first_message_is_measured_by_what_redis_had_counted),
		TEST(events_told_once_to_a_user_are_only_counted_as_missed),
		TEST(user_who_was_told_a_state_comes_back),
		TEST(counted_order_is_neither_a_gap_nor_a_state),
		TEST(lost_connection_without_a_lost_message_costs_nothing),
		TEST(message_lost_with_the_connection_is_noticed_when_it_is_back),
		TEST(redis_that_begins_anew_is_a_gap),
		TEST(redis_that_went_back_in_time_is_a_gap),
		TEST(message_that_is_still_on_its_way_is_not_lost),
		TEST(gap_is_asked_for_when_commands_are_taken_again),
		TEST(members_of_a_room_leave_evenly_within_ten_seconds),
		TEST(members_of_many_channels_leave_within_ten_seconds_too),
		TEST(few_leave_fifty_a_second),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
