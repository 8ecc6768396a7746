/* What happened while a client connected is told it after its login (cti-api 3.4). */
#include <inttypes.h>
#include <stdio.h>

#include "stage.h"

#define RECENT STR("cti1:{" DOMAIN "}:recent")

/* An entry of the domain's stream, so many milliseconds ago; key may be empty. */
static void happened(
	int64_t ago_ms, const char *suffix, const char *name, const char *key, int flags)
{
	static unsigned serial;
	char id[40], message[256];

	snprintf(id, sizeof(id), "%" PRId64 "-%u", stage_wall_s() * 1000 - ago_ms, ++serial);
	snprintf(message, sizeof(message),
		"{\"v\":1,\"k\":\"e\",\"i\":\"%u\",\"f\":%d%s%s%s}\n[\"%s\"]", serial, flags,
		*key ? ",\"c\":\"" : "", key, *key ? "\"" : "", name);
	REDIS_TEXT(STR("XADD"), RECENT, str_from(id), STR("ch"), str_from(suffix), STR("m"),
		str_from(message));
}

static void what_happened_since_ten_seconds_before_the_connection_is_told(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	happened(10001, "r:all", "long_ago", "", 0);
	happened(10000, "r:all", "before", "", 0);
	happened(1, "r:all", "just_now", "", 0);
	c = client_waiting(aa, "alice", "A", NULL);
	assert_said(c, "authe_ok before just_now");
	assert_int_equal(relay_counters(aa).replays, 2);
}

/* The time of the connection counts, not that of the login. */
static void slow_login_misses_nothing(void **state)
{
	struct client *c = client_open(relay_start("aa"));

	(void)state;
	stage_pass(20000);
	session_copy("alice", "A", "all", stage_wall_s() + 1000);
	happened(30001, "r:all", "long_ago", "", 0);
	happened(30000, "r:all", "before", "", 0);
	client_log_in(c, "alice", "A", NULL);
	assert_said(c, "authe_ok before");
}

static void each_of_those_who_come_together_is_told_from_its_own_time_on(void **state)
{
	static const char *const users[] = { "alice", "bob", "carol" };
	struct relay *aa = relay_start("aa");
	struct client *c[3];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		c[i] = client_open(aa);
		stage_pass(15000);
	}
	happened(45000, "r:all", "one", "", 0);
	happened(30000, "r:all", "two", "", 0);
	happened(15000, "r:all", "three", "", 0);
	relay_hold(aa, LINE_COMMANDS, true);
	for (size_t i = 0; i < 3; i++) {
		session_copy(users[i], users[i], "all", stage_wall_s() + 1000);
		client_log_in(c[i], users[i], users[i], NULL);
	}
	relay_hold(aa, LINE_COMMANDS, false);
	stage_settle();
	assert_said(c[0], "authe_ok one two three");
	assert_said(c[1], "authe_ok two three");
	assert_said(c[2], "authe_ok three");
}

static void only_the_last_state_of_each_thing_is_told(void **state)
{
	struct client *c;

	(void)state;
	happened(500, "r:all", "one_old", "exten:201", 2);
	happened(400, "r:all", "two", "exten:202", 2);
	happened(300, "r:all", "one_new", "exten:201", 2);
	happened(200, "r:q.clear", "elsewhere", "exten:201", 2);
	c = client_waiting(relay_start("aa"), "alice", "A", NULL);
	assert_said(c, "authe_ok two one_new");
}

static void only_the_own_rooms_are_told_of(void **state)
{
	struct client *c;

	(void)state;
	happened(500, "r:ext.clear", "secret", "", 0);
	happened(400, "r:all", "public", "", 0);
	c = client_waiting(relay_start("aa"), "alice", "A", NULL);
	assert_said(c, "authe_ok public");
}

static void what_is_told_once_is_not_told_again(void **state)
{
	struct client *c;

	(void)state;
	happened(500, "r:all", "once", "", 4);
	happened(400, "r:all", "state", "", 3);
	c = client_waiting(relay_start("aa"), "alice", "A", NULL);
	assert_said(c, "authe_ok state");
}

static void newest_are_told_when_there_are_too_many(void **state)
{
	struct client *c;

	(void)state;
	for (unsigned i = 0; i < 1100; i++)
		happened(5000, "r:all", "crowd", "exten:201", 2);
	happened(100, "r:all", "last", "exten:202", 2);
	c = client_waiting(relay_start("aa"), "alice", "A", NULL);
	assert_said(c, "authe_ok crowd last");
}

static void filters_of_the_message_hold(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *mobile, *desktop;

	(void)state;
	REDIS_TEXT(STR("XADD"), RECENT, STR("*"), STR("ch"), STR("r:all"), STR("m"),
		STR("{\"v\":1,\"k\":\"e\",\"a\":\"mobile\",\"x\":[\"bob\"]}\n[\"filtered\"]"));
	mobile = client_waiting(aa, "alice", "A", "mobile");
	desktop = client_waiting(aa, "alice", "B", "desktop");
	assert_said(mobile, "authe_ok filtered");
	assert_said(desktop, "authe_ok");
	assert_said(client_waiting(aa, "bob", "C", "mobile"), "authe_ok");
}

static void what_is_no_event_is_passed_over(void **state)
{
	struct client *c;

	(void)state;
	REDIS_TEXT(
		STR("XADD"), RECENT, STR("*"), STR("ch"), STR("r:all"), STR("m"), STR("rubbish"));
	REDIS_TEXT(STR("XADD"), RECENT, STR("*"), STR("m"), STR("x"));
	REDIS_TEXT(STR("XADD"), RECENT, STR("*"), STR("ch"), STR("r:all"), STR("m"),
		STR("{\"v\":1,\"k\":\"c\",\"o\":\"resync\"}"));
	c = client_waiting(relay_start("aa"), "alice", "A", NULL);
	stage_pass(10000);
	assert_said(c, "authe_ok");
}

static void second_login_on_the_socket_is_told_nothing_again(void **state)
{
	struct client *c;

	(void)state;
	happened(500, "r:all", "state", "", 0);
	c = client_waiting(relay_start("aa"), "alice", "A", NULL);
	client_log_in(c, "alice", "A", NULL);
	assert_said(c, "authe_ok state authe_ok");
}

/* The stream is asked over one connection while events come over the other. */

/* A client whose question about the stream is on its way and has not been answered. */
static struct client *asking(struct relay *r)
{
	struct client *c = client_open(r);

	session_copy("alice", "A", "all", stage_wall_s() + 1000);
	relay_hold(r, LINE_COMMANDS, true);
	client_log_in(c, "alice", "A", NULL);
	relay_hold(r, LINE_COMMANDS, false);
	while (!c->said.n)
		stage_turn();
	relay_hold(r, LINE_COMMANDS, true);
	return c;
}

static void live_event_is_not_followed_by_an_older_state(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	happened(500, "r:all", "old", "exten:201", 2);
	happened(400, "r:all", "other", "exten:202", 2);
	c = asking(aa);
	publish(ROOM_OF("all"), "{\"v\":1,\"k\":\"e\",\"f\":2,\"c\":\"exten:201\"}\n[\"new\"]");
	relay_hold(aa, LINE_COMMANDS, false);
	stage_settle();
	assert_said(c, "authe_ok new other");
}

static void event_that_came_live_is_not_told_twice(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = asking(aa);

	(void)state;
	publish(ROOM_OF("all"), "{\"v\":1,\"k\":\"e\",\"i\":\"live-1\"}\n[\"new\"]");
	REDIS_TEXT(STR("XADD"), RECENT, STR("*"), STR("ch"), STR("r:all"), STR("m"),
		STR("{\"v\":1,\"k\":\"e\",\"i\":\"live-1\"}\n[\"new\"]"));
	relay_hold(aa, LINE_COMMANDS, false);
	stage_settle();
	assert_said(c, "authe_ok new");
}

static void client_that_takes_little_is_told_the_rest_later_and_nothing_outdated(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_open(aa);

	(void)state;
	happened(500, "r:all", "old", "exten:201", 2);
	happened(400, "r:all", "other", "exten:202", 2);
	session_copy("alice", "A", "all", stage_wall_s() + 1000);
	c->waiting = 1 << 20;
	client_log_in(c, "alice", "A", NULL);
	stage_pass(1000);
	assert_said(c, "authe_ok");
	publish(ROOM_OF("all"), "{\"v\":1,\"k\":\"e\",\"f\":2,\"c\":\"exten:201\"}\n[\"new\"]");
	assert_said(c, "new");
	c->waiting = 0;
	stage_pass(100);
	assert_said(c, "other");
}

/* A message for others is not the newest state of a client that does not get it. */
static void state_told_to_others_makes_nothing_outdated(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	happened(500, "r:all", "old", "exten:201", 2);
	REDIS_TEXT(STR("XADD"), RECENT, STR("*"), STR("ch"), STR("r:all"), STR("m"),
		STR("{\"v\":1,\"k\":\"e\",\"c\":\"exten:201\",\"x\":[\"alice\"]}\n[\"new\"]"));
	c = client_waiting(aa, "alice", "A", NULL);
	assert_said(c, "authe_ok old");
	assert_said(client_waiting(aa, "bob", "B", NULL), "authe_ok new");
}

/* Rooms that change meanwhile: all of the new ones is told, nothing twice. */
static void rooms_that_change_meanwhile_are_caught_up_with(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	happened(500, "r:all", "public", "exten:201", 2);
	happened(400, "r:q.clear", "queue", "queue:1", 2);
	c = asking(aa);
	publish(ORDERS, "{\"v\":1,\"k\":\"c\",\"o\":\"perm\",\"rooms\":[\"all\",\"q.clear\"],"
			"\"pv\":9,\"u\":\"alice\"}");
	relay_hold(aa, LINE_COMMANDS, false);
	stage_settle();
	assert_said(c, "authe_ok public queue");
}

static void lost_connection_only_delays_it(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	happened(500, "r:all", "state", "", 0);
	c = asking(aa);
	relay_cut(aa, LINE_COMMANDS);
	assert_said(c, "authe_ok");
	relay_hold(aa, LINE_COMMANDS, false);
	relay_mend(aa);
	assert_said(c, "state");
	assert_said(client_waiting(aa, "bob", "B", NULL), "authe_ok state");
}

static void client_that_is_gone_meanwhile_harms_nobody(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c, *other;

	(void)state;
	happened(500, "r:all", "state", "", 0);
	c = asking(aa);
	client_drop(c);
	relay_hold(aa, LINE_COMMANDS, false);
	other = client_waiting(aa, "bob", "B", NULL);
	assert_said(other, "authe_ok state");
	assert_said(c, "authe_ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_happened_since_ten_seconds_before_the_connection_is_told),
		TEST(slow_login_misses_nothing),
		TEST(each_of_those_who_come_together_is_told_from_its_own_time_on),
		TEST(only_the_last_state_of_each_thing_is_told),
		TEST(only_the_own_rooms_are_told_of),
		TEST(what_is_told_once_is_not_told_again),
		TEST(newest_are_told_when_there_are_too_many),
		TEST(filters_of_the_message_hold),
		TEST(what_is_no_event_is_passed_over),
		TEST(second_login_on_the_socket_is_told_nothing_again),
		TEST(live_event_is_not_followed_by_an_older_state),
		TEST(event_that_came_live_is_not_told_twice),
		TEST(client_that_takes_little_is_told_the_rest_later_and_nothing_outdated),
		TEST(state_told_to_others_makes_nothing_outdated),
		TEST(rooms_that_change_meanwhile_are_caught_up_with),
		TEST(lost_connection_only_delays_it),
		TEST(client_that_is_gone_meanwhile_harms_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
