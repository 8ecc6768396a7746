#include "../unit.h"

#include "../../../src/redis/redis_priv.h"

#include "base/buf.h"

#define OK     "+OK\r\n"
#define PONG   "+PONG\r\n"
#define MASTER "*4\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"
#define SLAVE  "*4\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$7\r\nreplica\r\n"
#define NAMED  "*2\r\n$9\r\n10.0.0.42\r\n$4\r\n7001\r\n"

struct fixture {
	struct arena *arena;
	struct redis_address address;
	struct route route;
};

static struct fixture f;

static int teardown(void **state)
{
	(void)state;
	arena_free(&f.arena);
	return 0;
}

static enum route_step start(const char *url)
{
	f.arena = arena_new(1024);
	assert_int_equal(redis_address_parse(url, f.arena, &f.address), ERR_OK);
	route_init(&f.route, &f.address);
	return route_start(&f.route);
}

/* Answers as they come from the wire; the step that the last one leads to. */
static enum route_step take(const char *wire)
{
	redisReader *reader = redisReaderCreate();
	enum route_step step = ROUTE_WAIT;
	void *got = NULL;

	assert_int_equal(redisReaderFeed(reader, wire, strlen(wire)), REDIS_OK);
	while (redisReaderGetReply(reader, &got) == REDIS_OK && got) {
		assert_int_equal(step, ROUTE_WAIT);
		step = route_take(&f.route, got);
		freeReplyObject(got);
	}
	redisReaderFree(reader);
	return step;
}

static void assert_said(const char *words)
{
	struct buf said;

	buf_init(&said, 1024);
	for (size_t i = 0; i < f.route.count; i++)
		for (size_t k = 0; k < f.route.commands[i].n; k++)
			buf_printf(&said, "%s%.*s", said.n ? " " : "",
				(int)f.route.commands[i].args[k].n, f.route.commands[i].args[k].p);
	assert_string_equal(said.p, words);
	buf_finish(&said);
}

static void a_server_is_greeted_and_arrived_at(void **state)
{
	(void)state;
	assert_int_equal(start("redis://api:secret@cache:7000/3"), ROUTE_GO);
	assert_string_equal(f.route.host, "cache");
	assert_int_equal(f.route.port, 7000);
	assert_said("AUTH api secret HELLO 2 SELECT 3 PING");
	assert_int_equal(take(OK MASTER OK PONG), ROUTE_ARRIVED);
}

static void a_server_that_cannot_serve_is_none(void **state)
{
	static const struct {
		const char *answers, *why;
	} rows[] = {
		{ SLAVE, "h:6379: it is a replica" },
		{ MASTER "-LOADING Redis is loading\r\n", "h:6379: LOADING Redis is loading" },
		{ "-NOAUTH HELLO must be called\r\n", "h:6379: NOAUTH HELLO must be called" },
		{ "*2\r\n$4\r\nmode\r\n$7\r\ncluster\r\n",
			"h:6379: Redis Cluster is not supported" },
		{ "*2\r\n$4\r\nmode\r\n$8\r\nsentinel\r\n",
			"h:6379: this is a sentinel, to be configured as redis+sentinel://" },
		{ "*1\r\n$4\r\nrole\r\n", "h:6379: it is a replica" },
		{ ":1\r\n", "h:6379: it is a replica" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start("redis://h");
		assert_int_equal(take(rows[i].answers), ROUTE_LOST);
		assert_string_equal(f.route.why, rows[i].why);
		arena_free(&f.arena);
	}
}

static void a_sentinel_leads_to_the_master(void **state)
{
	(void)state;
	start("redis+sentinel://:pass@one,two/m?sentinel_user=u&sentinel_password=p");
	assert_string_equal(f.route.host, "one");
	assert_int_equal(f.route.port, 26379);
	assert_said("AUTH u p SENTINEL get-master-addr-by-name m");
	assert_int_equal(take(OK NAMED), ROUTE_GO);
	assert_string_equal(f.route.host, "10.0.0.42");
	assert_int_equal(f.route.port, 7001);
	assert_said("AUTH pass HELLO 2 PING");
	assert_int_equal(take(OK MASTER PONG), ROUTE_ARRIVED);
}

static void each_sentinel_is_asked_once_a_round_the_one_that_was_right_first(void **state)
{
	(void)state;
	start("redis+sentinel://one,two,three/m");
	assert_int_equal(route_miss(&f.route, "no answer"), ROUTE_GO);
	assert_string_equal(f.route.host, "two");
	/* It speaks of a master of the past. */
	assert_int_equal(take(NAMED), ROUTE_GO);
	assert_int_equal(take(SLAVE), ROUTE_GO);
	assert_string_equal(f.route.host, "three");
	assert_int_equal(take(NAMED), ROUTE_GO);
	assert_int_equal(take(MASTER PONG), ROUTE_ARRIVED);
	assert_int_equal(route_start(&f.route), ROUTE_GO);
	assert_string_equal(f.route.host, "three");
	assert_int_equal(route_miss(&f.route, "no answer"), ROUTE_GO);
	assert_string_equal(f.route.host, "one");
	assert_int_equal(route_miss(&f.route, "no answer"), ROUTE_GO);
	assert_int_equal(route_miss(&f.route, "no answer"), ROUTE_LOST);
}

static void what_one_said_weighs_more_than_the_silence_of_others(void **state)
{
	(void)state;
	start("redis+sentinel://one,two/m");
	assert_int_equal(take("*-1\r\n"), ROUTE_GO);
	assert_int_equal(route_miss(&f.route, "Connection refused"), ROUTE_LOST);
	assert_string_equal(f.route.why, "one:26379: this sentinel knows no master named m");
}

static void an_answer_that_is_no_address_is_passed_over(void **state)
{
	static const char *const odd[] = { "*0\r\n", "*1\r\n$1\r\nh\r\n", ":1\r\n", "$1\r\nh\r\n",
		"*2\r\n:1\r\n:2\r\n", "*2\r\n$1\r\nh\r\n$1\r\n0\r\n",
		"*2\r\n$1\r\nh\r\n$5\r\n65536\r\n", "*2\r\n$1\r\nh\r\n$2\r\n-1\r\n",
		"*2\r\n$-1\r\n$4\r\n6379\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		start("redis+sentinel://one/m");
		if (take(odd[i]) != ROUTE_LOST)
			fail_msg("accepted: %s", odd[i]);
		arena_free(&f.arena);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_server_is_greeted_and_arrived_at),
		TEST(a_server_that_cannot_serve_is_none),
		TEST(a_sentinel_leads_to_the_master),
		TEST(each_sentinel_is_asked_once_a_round_the_one_that_was_right_first),
		TEST(what_one_said_weighs_more_than_the_silence_of_others),
		TEST(an_answer_that_is_no_address_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
