#include "stage_priv.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"

#define QUIET_ROUNDS 2

struct stage stage;

/* Redis lives as long as the tests say. */
static const char aging_script[] =
	"local ms = tonumber(ARGV[1])\n"
	"for _, k in ipairs(redis.call('KEYS', '*')) do\n"
	"  local left = redis.call('PTTL', k)\n"
	"  if left > ms then redis.call('PEXPIRE', k, left - ms)"
	"  elseif left > 0 then redis.call('DEL', k) end\n"
	"  if left > ms and string.find(k, ':own:', 1, true)"
	"    and redis.call('HEXISTS', k, 'pend_until') == 1 then"
	"    redis.call('HINCRBY', k, 'pend_until', -ms) end\n"
	"  if left > ms and string.find(k, ':sess:', 1, true) then\n"
	"    local all = redis.call('HGETALL', k)\n"
	"    for i = 1, #all, 2 do\n"
	"      local entry, seen = string.match(all[i + 1], '^(.*) (%d+)$')\n"
	"      redis.call('HSET', k, all[i], entry .. ' ' .. string.format('%d', seen - ARGV[2]))\n"
	"    end\n"
	"  end\n"
	"end\n"
	"return 1";

static struct redis_reply redis_ask(struct redis_command command)
{
	struct redis_reply reply;

	assert_int_equal(redis_call(stage.redis, command, stage.arena, &reply), ERR_OK);
	return reply;
}

const char *redis_text(struct redis_command command)
{
	struct redis_reply reply = redis_ask(command);

	return reply.text.p ? reply.text.p : "";
}

int64_t redis_number(struct redis_command command)
{
	return redis_ask(command).number;
}

struct str stage_decimal(int64_t n)
{
	return str_from(arena_printf(stage.arena, "%" PRId64, n));
}

int64_t stage_wall_s(void)
{
	return stage.wall_us / CLOCK_SECOND_US;
}

int64_t stage_now_ms(void)
{
	return stage.now_ms;
}

void stage_turn(void)
{
	for (size_t i = 0; i < stage.relay_n; i++)
		for (size_t n = 0; stage.relays[i]->cti && n < LINES; n++)
			line_turn(&stage.relays[i]->lines[n]);
	clients_bury();
}

static void on_pong(void *arg, const struct redis_reply *reply)
{
	bool *answered = arg;

	(void)reply;
	*answered = true;
}

/* All commands sent before are answered. */
static void await_commands(struct relay *r)
{
	int64_t end = clock_ms() + STAGE_PATIENCE_MS;
	bool answered = false;

	if (!line_is_up(&r->lines[LINE_COMMANDS]) ||
		pipeline_send(r->lines[LINE_COMMANDS].pipeline, REDIS_COMMAND(STR("PING")), on_pong,
			&answered) != ERR_OK)
		return;
	stage.sent--;
	while (!answered && clock_ms() < end)
		stage_turn();
	assert_true(answered);
}

/* All messages published before are delivered: one more comes after them. */
static void await_messages(struct relay *r)
{
	struct line *line = &r->lines[LINE_EVENTS];
	struct str channel = relay_channel(r);
	int64_t end = clock_ms() + STAGE_PATIENCE_MS, echo = STAGE_ECHO + ++stage.echoes;
	struct str text = str_from(arena_printf(
		stage.arena, "{\"v\":1,\"k\":\"c\",\"o\":\"drain\",\"rate\":%" PRId64 "}", echo));

	while (line_is_up(line) && REDIS_NUMBER(STR("PUBLISH"), channel, text) == 0)
		stage_turn();
	while (line_is_up(line) && r->echo != echo && clock_ms() < end)
		stage_turn();
	assert_true(!line_is_up(line) || r->echo == echo);
}

static void age_redis(void)
{
	if (stage.aged_ms == stage.now_ms)
		return;
	REDIS_NUMBER(STR("EVAL"), str_from(aging_script), STR("0"),
		stage_decimal(stage.now_ms - stage.aged_ms),
		stage_decimal(stage.now_ms / 1000 - stage.aged_ms / 1000));
	stage.aged_ms = stage.now_ms;
}

/* A subscription may be overtaken by the first echo, not by the second. */
void stage_settle(void)
{
	unsigned quiet = 0;

	age_redis();
	while (quiet < QUIET_ROUNDS) {
		uint64_t before = stage.sent;

		for (size_t i = 0; i < stage.relay_n; i++)
			if (stage.relays[i]->cti) {
				await_commands(stage.relays[i]);
				await_messages(stage.relays[i]);
			}
		quiet = stage.sent == before ? quiet + 1 : 0;
	}
	stage.settled_at = stage.sent;
}

static bool is_of_a_line(const struct relay *r, const struct deadline_queue *q)
{
	return q == pipeline_deadlines(r->lines[LINE_COMMANDS].pipeline) ||
	       q == pipeline_deadlines(r->lines[LINE_EVENTS].pipeline);
}

static int64_t next_deadline(void)
{
	int64_t next = DEADLINE_NEVER;

	for (size_t i = 0; i < stage.relay_n; i++)
		for (size_t n = 0; stage.relays[i]->cti && n < stage.relays[i]->queue_n; n++) {
			const struct deadline_queue *q = stage.relays[i]->queues[n];
			int64_t at = deadline_queue_next(q);

			if (!is_of_a_line(stage.relays[i], q) && at < next)
				next = at;
		}
	return next;
}

static void run_queues(void)
{
	for (size_t i = 0; i < stage.relay_n; i++)
		for (size_t n = 0; stage.relays[i]->cti && n < stage.relays[i]->queue_n; n++)
			if (!is_of_a_line(stage.relays[i], stage.relays[i]->queues[n]))
				deadline_queue_run(stage.relays[i]->queues[n], stage.now_ms);
	clients_bury();
}

static void set_clock(int64_t now_ms)
{
	stage.wall_us += (now_ms - stage.now_ms) * 1000;
	stage.now_ms = now_ms;
}

void stage_step(int64_t end)
{
	int64_t next = next_deadline();

	if (next > end)
		next = end;
	if (next > stage.now_ms)
		set_clock(next);
	run_queues();
	if (stage.sent != stage.settled_at)
		stage_settle();
}

void stage_pass(int64_t ms)
{
	int64_t end = stage.now_ms + ms;

	stage_settle();
	while (stage.now_ms < end || next_deadline() <= end)
		stage_step(end);
	stage_settle();
}

void stage_leap(int64_t ms)
{
	set_clock(stage.now_ms + ms);
	run_queues();
	stage_settle();
}

void publish(const char *channel, const char *text)
{
	REDIS_NUMBER(STR("PUBLISH"), str_from(channel), str_from(text));
	stage_settle();
}

int stage_setup(void **state)
{
	static const char keys[] =
		"jwt 1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
		"seal 1 202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n"
		"digest 1 404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f\n"
		"token 1 606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f\n";

	(void)state;
	stage = (struct stage){ .arena = arena_new(65536), .now_ms = 1000000, .aged_ms = 1000000 };
	stage.wall_us = clock_wall_us() / CLOCK_SECOND_US * CLOCK_SECOND_US;
	assert_int_equal(keyring_parse("test", str_from(keys), &stage.keys), ERR_OK);
	assert_int_equal(
		redis_address_parse(getenv("TEST_REDIS"), stage.arena, &stage.address), ERR_OK);
	stage.redis = redis_new(&stage.address, STAGE_PATIENCE_MS);
	redis_text(REDIS_COMMAND(STR("FLUSHALL")));
	return 0;
}

int stage_teardown(void **state)
{
	(void)state;
	clients_free();
	relays_free();
	redis_free(&stage.redis);
	keyring_free(&stage.keys);
	arena_free(&stage.arena);
	return 0;
}
