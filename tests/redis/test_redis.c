#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "live.h"
#include "base/clock.h"
#include "redis/redis.h"
#include "redis/session_copy.h"

static void shell(const char *variable)
{
	assert_int_equal(system(getenv(variable)), 0);
}

static void cli(const char *words)
{
	char command[128];

	snprintf(command, sizeof(command), "$TEST_REDIS_CLI %s >/dev/null", words);
	assert_int_equal(system(command), 0);
}

static enum err ping(struct fixture *f)
{
	struct redis_reply r;

	return redis_call(f->redis, REDIS_COMMAND(STR("PING")), f->arena, &r);
}

/* Asks until the circuit closes again. */
static enum err ping_until_answered(struct fixture *f)
{
	int64_t end = clock_ms() + 8000;
	enum err e;

	do
		e = ping(f);
	while (e == ERR_UNAVAILABLE && clock_ms() < end);
	return e;
}

static void arguments_and_replies_are_any_bytes(void **state)
{
	struct fixture *f = *state;
	const struct str bytes = STR("a\0b\r\n\xff");
	struct redis_reply r;

	assert_int_equal(
		redis_call(f->redis, REDIS_COMMAND(STR("SET"), STR("k"), bytes), f->arena, &r),
		ERR_OK);
	assert_str_equal(r.text, "OK");
	assert_int_equal(
		redis_call(f->redis, REDIS_COMMAND(STR("GET"), STR("k")), f->arena, &r), ERR_OK);
	assert_int_equal(r.text.n, bytes.n);
	assert_memory_equal(r.text.p, bytes.p, bytes.n);
}

static void a_pipeline_answers_each_command_in_order(void **state)
{
	struct fixture *f = *state;
	const struct redis_command commands[] = {
		REDIS_COMMAND(STR("DEL"), STR("list")),
		REDIS_COMMAND(STR("RPUSH"), STR("list"), STR("a"), STR("b")),
		REDIS_COMMAND(STR("LRANGE"), STR("list"), STR("0"), STR("-1")),
		REDIS_COMMAND(STR("GET"), STR("nothing")),
	};
	struct redis_reply r[4];

	assert_int_equal(redis_pipeline(f->redis, commands, 4, f->arena, r), ERR_OK);
	assert_int_equal(r[1].number, 2);
	assert_int_equal(r[2].type, REDIS_LIST);
	assert_int_equal(r[2].count, 2);
	assert_str_equal(r[2].items[1].text, "b");
	assert_int_equal(r[3].type, REDIS_NIL);
}

static void a_refused_command_leaves_the_others_and_the_connection(void **state)
{
	struct fixture *f = *state;
	const struct redis_command commands[] = {
		REDIS_COMMAND(STR("SET"), STR("text"), STR("a")),
		REDIS_COMMAND(STR("LPUSH"), STR("text"), STR("b")),
		REDIS_COMMAND(STR("GET"), STR("text")),
	};
	struct redis_reply r[3];

	assert_int_equal(redis_pipeline(f->redis, commands, 3, f->arena, r), ERR_INTERNAL);
	assert_str_equal(r[2].text, "a");
	assert_int_equal(ping(f), ERR_OK);
}

static int64_t number_kept(struct fixture *f)
{
	struct redis_reply r;

	assert_int_equal(redis_call(f->redis, REDIS_COMMAND(STR("INCRBY"), STR("n"), STR("0")),
				 f->arena, &r),
		ERR_OK);
	return r.number;
}

static void what_is_only_sent_is_executed_before_the_next_command(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(redis_send(f->redis, REDIS_COMMAND(STR("DEL"), STR("n"))), ERR_OK);
	assert_int_equal(ping(f), ERR_OK);
	uint64_t before = redis_exchanges(f->redis);
	for (int i = 0; i < 2500; i++)
		assert_int_equal(
			redis_send(f->redis, REDIS_COMMAND(STR("INCR"), STR("n"))), ERR_OK);
	assert_int_equal(redis_exchanges(f->redis), before);
	assert_int_equal(number_kept(f), 2500);
	assert_int_equal(redis_send(f->redis, REDIS_COMMAND(STR("INCR"), STR("n"))), ERR_OK);
	assert_int_equal(number_kept(f), 2501);
}

static void a_question_is_answered_later_unless_another_call_came_between(void **state)
{
	struct fixture *f = *state;
	struct redis_reply r;

	assert_int_equal(redis_send(f->redis, REDIS_COMMAND(STR("DEL"), STR("n"))), ERR_OK);
	assert_int_equal(redis_send(f->redis, REDIS_COMMAND(STR("INCR"), STR("n"))), ERR_OK);
	assert_int_equal(redis_begin(f->redis, REDIS_COMMAND(STR("INCR"), STR("n"))), ERR_OK);
	assert_int_equal(redis_finish(f->redis, f->arena, &r), ERR_OK);
	assert_int_equal(r.number, 2);
	assert_int_equal(redis_finish(f->redis, f->arena, &r), ERR_UNAVAILABLE);
	assert_int_equal(redis_begin(f->redis, REDIS_COMMAND(STR("INCR"), STR("n"))), ERR_OK);
	assert_int_equal(number_kept(f), 3);
	assert_int_equal(redis_finish(f->redis, f->arena, &r), ERR_UNAVAILABLE);
	assert_int_equal(redis_begin(f->redis, REDIS_COMMAND(STR("INCR"), STR("n"))), ERR_OK);
	assert_int_equal(redis_send(f->redis, REDIS_COMMAND(STR("INCR"), STR("n"))), ERR_OK);
	assert_int_equal(redis_finish(f->redis, f->arena, &r), ERR_UNAVAILABLE);
	assert_int_equal(number_kept(f), 5);
}

static void a_refusal_of_what_was_only_sent_is_not_the_next_commands(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		redis_send(f->redis, REDIS_COMMAND(STR("SET"), STR("text"), STR("a"))), ERR_OK);
	assert_int_equal(
		redis_send(f->redis, REDIS_COMMAND(STR("LPUSH"), STR("text"), STR("b"))), ERR_OK);
	assert_int_equal(ping(f), ERR_OK);
	assert_int_equal(ping(f), ERR_OK);
}

static void sending_does_not_wait_for_a_redis_that_is_gone(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(redis_send(f->redis, REDIS_COMMAND(STR("INCR"), STR("n"))), ERR_OK);
	shell("TEST_REDIS_STOP");
	assert_int_equal(
		redis_send(f->redis, REDIS_COMMAND(STR("INCR"), STR("n"))), ERR_UNAVAILABLE);
	shell("TEST_REDIS_START");
	assert_int_equal(ping_until_answered(f), ERR_OK);
}

static void a_stopped_redis_is_unavailable_and_used_again_when_it_is_back(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ping(f), ERR_OK);
	shell("TEST_REDIS_STOP");
	assert_int_equal(ping(f), ERR_UNAVAILABLE);
	shell("TEST_REDIS_START");
	assert_int_equal(ping_until_answered(f), ERR_OK);
}

static void after_a_failure_nothing_is_tried_for_a_while(void **state)
{
	struct fixture *f = *state;

	shell("TEST_REDIS_STOP");
	assert_int_equal(ping(f), ERR_UNAVAILABLE);
	shell("TEST_REDIS_START");
	assert_int_equal(ping(f), ERR_UNAVAILABLE);
}

static void a_restart_between_two_calls_goes_unnoticed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ping(f), ERR_OK);
	shell("TEST_REDIS_STOP");
	shell("TEST_REDIS_START");
	assert_int_equal(ping(f), ERR_OK);
}

static void a_silent_redis_is_unavailable(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(getenv("TEST_REDIS_PID"), "r");
	int pid = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &pid), 1);
	fclose(file);
	assert_int_equal(ping(f), ERR_OK);
	kill(pid, SIGSTOP);
	assert_int_equal(ping(f), ERR_UNAVAILABLE);
	assert_string_equal(redis_where(f->redis), "no answer");
	assert_int_equal(ping(f), ERR_UNAVAILABLE);
	kill(pid, SIGCONT);
	assert_int_equal(ping_until_answered(f), ERR_OK);
}

static enum err set(struct fixture *f)
{
	struct redis_reply r;

	return redis_call(f->redis, REDIS_COMMAND(STR("SET"), STR("k"), STR("v")), f->arena, &r);
}

static void a_master_that_became_a_replica_is_left_until_it_is_one_again(void **state)
{
	struct fixture *f = *state;
	int64_t end = clock_ms() + 8000;

	assert_int_equal(set(f), ERR_OK);
	cli("replicaof 127.0.0.1 1");
	assert_int_equal(set(f), ERR_UNAVAILABLE);
	assert_int_equal(ping(f), ERR_UNAVAILABLE);
	cli("replicaof no one");
	while (set(f) == ERR_UNAVAILABLE && clock_ms() < end)
		;
	assert_int_equal(set(f), ERR_OK);
}

static void a_replica_is_not_connected_to(void **state)
{
	struct fixture *f = *state;

	cli("replicaof 127.0.0.1 1");
	assert_int_equal(ping(f), ERR_UNAVAILABLE);
	cli("replicaof no one");
}

/* No other server may be asked, so leaving would gain nothing. */
static void a_server_short_of_memory_is_not_left(void **state)
{
	struct fixture *f = *state;

	cli("config set maxmemory 1");
	assert_int_equal(set(f), ERR_UNAVAILABLE);
	assert_int_equal(ping(f), ERR_OK);
	cli("config set maxmemory 0");
	assert_int_equal(set(f), ERR_OK);
}

static void a_wrong_password_is_unavailable_not_fatal(void **state)
{
	struct fixture *f = *state;
	struct redis_address wrong = f->address;
	struct redis *r;
	struct redis_reply reply;

	wrong.password = "not-the-password";
	r = redis_new(&wrong, 0);
	assert_int_equal(
		redis_call(r, REDIS_COMMAND(STR("PING")), f->arena, &reply), ERR_UNAVAILABLE);
	redis_free(&r);
}

static void databases_are_apart(void **state)
{
	struct fixture *f = *state;
	struct redis_address other = f->address;
	struct redis_reply reply;
	struct redis *r;

	other.db = 5;
	r = redis_new(&other, 0);
	assert_int_equal(redis_call(f->redis, REDIS_COMMAND(STR("SET"), STR("only0"), STR("x")),
				 f->arena, &reply),
		ERR_OK);
	assert_int_equal(
		redis_call(r, REDIS_COMMAND(STR("GET"), STR("only0")), f->arena, &reply), ERR_OK);
	assert_int_equal(reply.type, REDIS_NIL);
	redis_free(&r);
}

/* As a relay reads it. */
static enum err copy_read(struct fixture *f, struct str key, struct session_copy *ret)
{
	struct redis_reply reply;
	enum err e = redis_call(f->redis, REDIS_COMMAND(SESSION_COPY_READ(key)), f->arena, &reply);

	return e == ERR_OK ? session_copy_parse(&reply, ret) : e;
}

static void a_mirrored_session_is_read_back_until_deleted(void **state)
{
	struct fixture *f = *state;
	const struct session_key key = { "cti1:", "example.org", "AAEC" };
	const struct session_copy in = { .user = "alice",
		.otp_verified = true,
		.expires_at = clock_wall_us() / CLOCK_SECOND_US + 60,
		.rooms = "all ext.clear",
		.ext = "201 202",
		.cap = "nethvoice_cti.satellite_stt",
		.pv = 7 };
	struct session_copy m;

	assert_int_equal(session_copy_write(f->redis, &key, &in), ERR_OK);
	assert_int_equal(copy_read(f, STR("cti1:{example.org}:tok:AAEC"), &m), ERR_OK);
	assert_string_equal(m.user, "alice");
	assert_null(m.audience);
	assert_true(m.otp_verified);
	assert_true(m.expires_at == in.expires_at);
	assert_string_equal(m.rooms, "all ext.clear");
	assert_string_equal(m.ext, "201 202");
	assert_string_equal(m.cap, "nethvoice_cti.satellite_stt");
	assert_int_equal(m.pv, 7);
	assert_int_equal(session_copy_delete(f->redis, &key), ERR_OK);
	assert_int_equal(copy_read(f, STR("cti1:{example.org}:tok:AAEC"), &m), ERR_NOT_FOUND);
}

static void a_mirror_dies_with_its_token(void **state)
{
	struct fixture *f = *state;
	const struct session_key key = { "cti1:", "example.org", "BBBB" };
	struct session_copy m = { .user = "bob",
		.expires_at = clock_wall_us() / CLOCK_SECOND_US + 100 };
	struct redis_reply r;

	assert_int_equal(session_copy_write(f->redis, &key, &m), ERR_OK);
	assert_int_equal(
		redis_call(f->redis, REDIS_COMMAND(STR("TTL"), STR("cti1:{example.org}:tok:BBBB")),
			f->arena, &r),
		ERR_OK);
	assert_in_range(r.number, 1, 100);
	m.expires_at -= 200;
	assert_int_equal(session_copy_write(f->redis, &key, &m), ERR_OK);
	assert_int_equal(copy_read(f, STR("cti1:{example.org}:tok:BBBB"), &m), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		FRESH(arguments_and_replies_are_any_bytes),
		FRESH(a_pipeline_answers_each_command_in_order),
		FRESH(a_refused_command_leaves_the_others_and_the_connection),
		FRESH(what_is_only_sent_is_executed_before_the_next_command),
		FRESH(a_question_is_answered_later_unless_another_call_came_between),
		FRESH(a_refusal_of_what_was_only_sent_is_not_the_next_commands),
		FRESH(sending_does_not_wait_for_a_redis_that_is_gone),
		FRESH(a_stopped_redis_is_unavailable_and_used_again_when_it_is_back),
		FRESH(after_a_failure_nothing_is_tried_for_a_while),
		FRESH(a_restart_between_two_calls_goes_unnoticed),
		FRESH(a_silent_redis_is_unavailable),
		FRESH(a_master_that_became_a_replica_is_left_until_it_is_one_again),
		FRESH(a_replica_is_not_connected_to),
		FRESH(a_server_short_of_memory_is_not_left),
		FRESH(a_wrong_password_is_unavailable_not_fatal),
		FRESH(databases_are_apart),
		FRESH(a_mirrored_session_is_read_back_until_deleted),
		FRESH(a_mirror_dies_with_its_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
