#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/unit.h"
#include "base/buf.h"
#include "base/clock.h"
#include "redis/pipeline.h"

struct fixture {
	struct arena *arena;
	struct redis_address address;
	struct pipeline_owner owner;
	struct pipeline *pipeline;
	struct buf said;
	int fd;
	bool output;
	unsigned ups, downs;
};

static struct fixture f;

static void watch(void *arg, int fd, bool output)
{
	(void)arg;
	f.fd = fd;
	f.output = output;
}

static void on_up(void *arg)
{
	(void)arg;
	f.ups++;
}

static void on_down(void *arg)
{
	(void)arg;
	f.downs++;
}

static void on_reply(void *arg, const struct redis_reply *reply)
{
	if (!reply)
		buf_printf(&f.said, "%s lost;", (const char *)arg);
	else
		buf_printf(
			&f.said, "%s %.*s;", (const char *)arg, (int)reply->text.n, reply->text.p);
}

static void turn(void)
{
	struct pollfd p = { f.fd, (short)(POLLIN | (f.output ? POLLOUT : 0)), 0 };

	poll(&p, f.fd >= 0 ? 1 : 0, 10);
	if (p.revents)
		pipeline_on_ready(
			f.pipeline, p.revents & (POLLIN | POLLHUP | POLLERR), p.revents & POLLOUT);
	deadline_queue_run(pipeline_deadlines(f.pipeline), clock_ms());
}

static void until_up(unsigned times)
{
	int64_t end = clock_ms() + 10000;

	while (clock_ms() < end && f.ups < times)
		turn();
	assert_int_equal(f.ups, times);
}

static void until_said(const char *text)
{
	int64_t end = clock_ms() + 10000;

	while (clock_ms() < end && !str_is(buf_str(&f.said), text))
		turn();
	assert_string_equal(f.said.p ? f.said.p : "", text);
	buf_clear(&f.said);
}

static void shell(const char *variable)
{
	assert_int_equal(system(getenv(variable)), 0);
}

static void echo(const char *text)
{
	assert_int_equal(pipeline_send(f.pipeline, REDIS_COMMAND(STR("ECHO"), str_from(text)),
				 on_reply, (void *)(uintptr_t)text),
		ERR_OK);
}

static int setup(void **state)
{
	(void)state;
	f = (struct fixture){ .arena = arena_new(1024), .fd = -1 };
	buf_init(&f.said, 10000);
	assert_int_equal(redis_address_parse(getenv("TEST_REDIS"), f.arena, &f.address), ERR_OK);
	f.owner = (struct pipeline_owner){ watch, on_up, on_down, NULL, NULL };
	f.pipeline = pipeline_new(&f.address, &f.owner);
	pipeline_start(f.pipeline);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pipeline_free(&f.pipeline);
	buf_finish(&f.said);
	arena_free(&f.arena);
	return 0;
}

static void replies_come_in_the_order_of_the_commands(void **state)
{
	(void)state;
	until_up(1);
	for (int i = 0; i < 30; i++) {
		echo("a");
		echo("b");
		until_said("a a;b b;");
	}
}

static void a_refused_command_is_answered_with_nothing_and_harms_no_other(void **state)
{
	(void)state;
	until_up(1);
	assert_int_equal(pipeline_send(f.pipeline, REDIS_COMMAND(STR("NONSENSE")), on_reply,
				 (void *)(uintptr_t) "x"),
		ERR_OK);
	echo("a");
	until_said("x lost;a a;");
}

static void commands_in_flight_are_answered_when_the_connection_is_lost(void **state)
{
	(void)state;
	until_up(1);
	shell("TEST_REDIS_STOP");
	echo("a");
	until_said("a lost;");
	assert_int_equal(f.downs, 1);
	assert_int_equal(pipeline_send(f.pipeline, REDIS_COMMAND(STR("PING")), on_reply, NULL),
		ERR_UNAVAILABLE);
	shell("TEST_REDIS_START");
	until_up(2);
	echo("b");
	until_said("b b;");
}

static void cli(const char *words)
{
	char command[128];

	snprintf(command, sizeof(command), "$TEST_REDIS_CLI %s >/dev/null", words);
	assert_int_equal(system(command), 0);
}

static void a_master_that_became_a_replica_is_left_until_it_is_one_again(void **state)
{
	const struct redis_command set = REDIS_COMMAND(STR("SET"), STR("k"), STR("v"));

	(void)state;
	until_up(1);
	cli("replicaof 127.0.0.1 1");
	assert_int_equal(
		pipeline_send(f.pipeline, set, on_reply, (void *)(uintptr_t) "set"), ERR_OK);
	echo("a");
	until_said("set lost;a lost;");
	assert_int_equal(f.downs, 1);
	cli("replicaof no one");
	until_up(2);
	assert_int_equal(
		pipeline_send(f.pipeline, set, on_reply, (void *)(uintptr_t) "set"), ERR_OK);
	until_said("set OK;");
}

static void a_silent_server_is_left_and_used_again(void **state)
{
	(void)state;
	until_up(1);
	assert_int_equal(system("kill -STOP $(cat $TEST_REDIS_PID)"), 0);
	echo("a");
	while (f.downs == 0)
		turn();
	assert_string_equal(f.said.p, "a lost;");
	buf_clear(&f.said);
	assert_int_equal(system("kill -CONT $(cat $TEST_REDIS_PID)"), 0);
	until_up(2);
	echo("b");
	until_said("b b;");
}

static void scripts_survive_a_restart_that_forgets_them(void **state)
{
	const struct redis_command eval =
		REDIS_COMMAND(STR("EVAL"), STR("return 'made'"), STR("0"));

	(void)state;
	until_up(1);
	for (unsigned ups = 1; ups <= 2; ups++) {
		until_up(ups);
		assert_int_equal(
			pipeline_send(f.pipeline, eval, on_reply, (void *)(uintptr_t) "script"),
			ERR_OK);
		until_said("script made;");
		shell("TEST_REDIS_STOP");
		shell("TEST_REDIS_START");
	}
}

static void a_stopped_one_stays_down_until_it_is_started(void **state)
{
	(void)state;
	until_up(1);
	echo("a");
	pipeline_stop(f.pipeline);
	assert_string_equal(f.said.p, "a lost;");
	buf_clear(&f.said);
	assert_int_equal(f.downs, 1);
	assert_int_equal(f.fd, -1);
	assert_true(deadline_queue_next(pipeline_deadlines(f.pipeline)) == DEADLINE_NEVER);
	pipeline_start(f.pipeline);
	until_up(2);
	echo("b");
	until_said("b b;");
}

/* The leader is at a database and server of its own; the follower was made for another place. */
static void a_follower_goes_where_its_leader_is(void **state)
{
	struct redis_address nowhere = { .path = "/nowhere" };
	struct pipeline *leader = f.pipeline;

	(void)state;
	until_up(1);
	f.fd = -1;
	f.pipeline = pipeline_new(&nowhere, &f.owner);
	pipeline_follow(f.pipeline, leader);
	until_up(2);
	echo("a");
	until_said("a a;");
	pipeline_free(&leader);
}

static void freeing_answers_what_is_in_flight(void **state)
{
	(void)state;
	until_up(1);
	echo("a");
	pipeline_free(&f.pipeline);
	assert_string_equal(f.said.p, "a lost;");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(replies_come_in_the_order_of_the_commands),
		TEST(a_refused_command_is_answered_with_nothing_and_harms_no_other),
		TEST(commands_in_flight_are_answered_when_the_connection_is_lost),
		TEST(a_master_that_became_a_replica_is_left_until_it_is_one_again),
		TEST(a_silent_server_is_left_and_used_again),
		TEST(scripts_survive_a_restart_that_forgets_them),
		TEST(a_stopped_one_stays_down_until_it_is_started),
		TEST(a_follower_goes_where_its_leader_is),
		TEST(freeing_answers_what_is_in_flight),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
