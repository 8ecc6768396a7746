#include "stage.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"

#define RELAYS_MAX    3
#define CLIENTS_MAX   2000
#define QUESTIONS_MAX 4096
#define PATIENCE_MS   20000 /* for Redis, in real time */
#define LIFE_S        1209600
#define QUIET_ROUNDS  2
#define ECHO_BASE     1000000000
#define TEXT_MAX      500000
/* An order that changes nothing. */
#define NOTHING STR("{\"v\":1,\"k\":\"c\",\"o\":\"revoke\",\"j\":[]}")

struct question {
	const char *authorization;
	session_answer_fn *fn;
	void *arg;
};

static struct stage {
	struct arena *arena;
	struct keyring *keys;
	struct redis_address address;
	struct redis *redis;
	struct relay *relays[RELAYS_MAX];
	size_t relay_n;
	struct client *clients[CLIENTS_MAX];
	size_t client_n;
	struct question questions[QUESTIONS_MAX];
	size_t question_n;
	int64_t now_ms, wall_us;   /* of the tests */
	int64_t aged_ms;           /* up to when Redis has aged */
	uint64_t sent, settled_at; /* commands of the relays; when all was quiet */
	int64_t echoes;
	unsigned ids;
} stage;

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
	"      redis.call('HSET', k, all[i], entry .. ' ' .. math.floor(seen - ms / 1000))\n"
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

static struct str decimal(int64_t n)
{
	return str_from(arena_printf(stage.arena, "%" PRId64, n));
}

int64_t stage_now_ms(void)
{
	return stage.now_ms;
}

int64_t stage_wall_s(void)
{
	return stage.wall_us / CLOCK_SECOND_US;
}

/* What the program does for the application. */

static void on_watch(void *arg, struct pipeline *p, int fd, bool output)
{
	struct relay *r = arg;
	struct line *line = r->lines;

	while (line->pipeline && line->pipeline != p)
		line++;
	line->pipeline = p;
	line->fd = fd;
	line->output = output;
	stage.sent += output;
}

static void on_ask(
	void *arg, struct str authorization, struct str host, session_answer_fn *fn, void *fn_arg)
{
	(void)arg;
	(void)host;
	assert_true(stage.question_n < QUESTIONS_MAX);
	stage.questions[stage.question_n++] =
		(struct question){ arena_strndup(stage.arena, authorization.p, authorization.n), fn,
			fn_arg };
}

size_t api_questions(void)
{
	return stage.question_n;
}

const char *api_question(void)
{
	assert_true(stage.question_n > 0);
	return stage.questions[0].authorization;
}

void api_answer(enum session_answer answer, const char *body)
{
	struct question q;

	assert_true(stage.question_n > 0);
	q = stage.questions[0];
	stage.question_n--;
	memmove(stage.questions, stage.questions + 1, stage.question_n * sizeof(q));
	q.fn(q.arg, answer, str_from(body));
	stage_settle();
}

static void on_queue(void *arg, struct deadline_queue *q)
{
	struct relay *r = arg;

	r->queues[r->queue_n++] = q;
}

static int64_t on_now(void *arg)
{
	(void)arg;
	return stage.now_ms;
}

static int64_t on_wall(void *arg)
{
	(void)arg;
	return stage.wall_us;
}

/* Rates nobody would ask for are the echo of stage_settle(). */
static void on_drain(void *arg, int64_t rate)
{
	struct relay *r = arg;

	if (rate > ECHO_BASE)
		r->echo = rate;
	else
		r->drains += rate;
}

/* What carries a client's messages. */

static struct client *client_from(struct sio *s)
{
	return LIST_ENTRY(s, struct client, sio);
}

static void say(struct client *c, struct str word)
{
	if (c->said.n)
		buf_add_char(&c->said, ' ');
	buf_add(&c->said, word.p, word.n);
	c->said_at_ms = stage.now_ms;
}

/* "42["name",..." is said as name, everything else as its type. */
static void on_send(struct sio *s, struct frame *f)
{
	struct client *c = client_from(s);
	struct str text = frame_text(f), rest = text;

	if (str_starts(text, "40"))
		return;
	buf_clear(&c->last);
	buf_add(&c->last, text.p, text.n);
	c->fleeting = f->fleeting;
	c->state = f->state;
	str_split(&rest, '"');
	say(c, str_starts(text, "42") ? str_split(&rest, '"') : (struct str){ text.p, 2 });
}

static void on_end(struct sio *s, enum sio_end how)
{
	static const char *const words[] = { "broken", "left", "retry", "restart" };
	struct client *c = client_from(s);

	c->ended = true;
	say(c, str_from(words[how]));
}

static void make_id(char out[SIO_ID_SIZE])
{
	snprintf(out, SIO_ID_SIZE, "%020u", ++stage.ids);
}

static void on_settled(struct sio *s, bool yes)
{
	client_from(s)->settled = yes;
}

static const struct sio_carrier carrier = { on_send, on_end, make_id, on_settled };

/* As the link does it: after the turn in which it ended. */
static void bury_ended(void)
{
	for (size_t i = 0; i < stage.client_n; i++) {
		struct client *c = stage.clients[i];

		if (c->ended && !c->gone) {
			c->gone = true;
			sio_on_gone(&c->sio);
		}
	}
}

/* Turning. */

static void line_turn(struct line *line)
{
	struct pollfd p = { line->fd, (short)(POLLIN | (line->output ? POLLOUT : 0)), 0 };

	if (!line->pipeline || line->held)
		return;
	if (line->deaf)
		p.events &= ~POLLIN;
	if (line->fd >= 0 && poll(&p, 1, 0) > 0)
		pipeline_on_ready(line->pipeline, p.revents & (POLLIN | POLLHUP | POLLERR),
			p.revents & POLLOUT);
	deadline_queue_run(pipeline_deadlines(line->pipeline), clock_ms());
}

void stage_turn(void)
{
	for (size_t i = 0; i < stage.relay_n; i++)
		for (size_t n = 0; stage.relays[i]->cti && n < LINES; n++)
			line_turn(&stage.relays[i]->lines[n]);
	bury_ended();
}

static bool line_is_up(const struct line *line)
{
	return line->pipeline && !line->held && !line->deaf && pipeline_is_up(line->pipeline);
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
	int64_t end = clock_ms() + PATIENCE_MS;
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
	struct str channel = str_from(arena_printf(stage.arena, "cti1:n:%s", r->settings.relay));
	int64_t end = clock_ms() + PATIENCE_MS, echo = ECHO_BASE + ++stage.echoes;
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
		decimal(stage.now_ms - stage.aged_ms));
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
	bury_ended();
}

static void set_clock(int64_t now_ms)
{
	stage.wall_us += (now_ms - stage.now_ms) * 1000;
	stage.now_ms = now_ms;
}

/* To the next deadline, but not beyond end. */
static void step(int64_t end)
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
		step(end);
	stage_settle();
}

void stage_leap(int64_t ms)
{
	set_clock(stage.now_ms + ms);
	run_queues();
	stage_settle();
}

/* Relays. */

static void await_up(struct relay *r)
{
	int64_t end = clock_ms() + PATIENCE_MS;

	while (clock_ms() < end &&
		!(line_is_up(&r->lines[LINE_COMMANDS]) && line_is_up(&r->lines[LINE_EVENTS])))
		stage_turn();
	assert_true(line_is_up(&r->lines[LINE_COMMANDS]) && line_is_up(&r->lines[LINE_EVENTS]));
	stage_settle();
}

struct relay *relay_start(const char *id)
{
	struct relay *r = mem_alloc(sizeof(*r));

	assert_true(stage.relay_n < RELAYS_MAX);
	stage.relays[stage.relay_n++] = r;
	r->settings = cti_usual;
	r->settings.prefix = "cti1:";
	r->settings.keys = stage.keys;
	r->settings.relay = id;
	r->settings.takeover_ms = 8000;
	r->ports = (struct cti_ports){ on_watch, on_ask, on_queue, on_now, on_wall, on_drain, r };
	r->cti = cti_new(&r->settings, &r->ports, &stage.address);
	r->kind = (struct sio_kind){ &carrier, &cti_app, r->cti, 0 };
	await_up(r);
	return r;
}

void relay_cut(struct relay *r, enum line_name name)
{
	struct line *line = &r->lines[name];
	bool held = line->held;

	shutdown(line->fd, SHUT_RDWR);
	line->held = false;
	while (pipeline_is_up(line->pipeline))
		line_turn(line);
	line->held = held;
}

void relay_mend(struct relay *r)
{
	await_up(r);
}

void relay_hold(struct relay *r, enum line_name line, bool held)
{
	r->lines[line].held = held;
}

/* When Redis has answered others twice it has seen, and answered, what was written before. */
static void write_only(struct relay *r)
{
	r->lines[LINE_COMMANDS].deaf = true;
	stage_turn();
	redis_text(REDIS_COMMAND(STR("PING")));
	redis_text(REDIS_COMMAND(STR("PING")));
}

/* Commands are written in one turn and their answers read in another. */
void relay_stop_when(struct relay *r, bool (*done)(void))
{
	int64_t end = clock_ms() + PATIENCE_MS;
	bool is_done = false;

	while (clock_ms() < end && !is_done) {
		r->lines[LINE_COMMANDS].deaf = false;
		stage_turn();
		write_only(r);
		is_done = done();
	}
	assert_true(is_done);
	write_only(r);
	write_only(r);
}

void relay_hear(struct relay *r)
{
	r->lines[LINE_COMMANDS].deaf = false;
	stage_settle();
}

void relay_die(struct relay *r)
{
	for (size_t n = 0; n < LINES; n++) {
		shutdown(r->lines[n].fd, SHUT_RDWR);
		r->lines[n].held = true;
	}
	while (REDIS_NUMBER(STR("PUBLISH"),
		       str_from(arena_printf(stage.arena, "cti1:n:%s", r->settings.relay)),
		       NOTHING) > 0)
		continue;
	r->queue_n = 0;
}

struct cti_counters relay_counters(const struct relay *r)
{
	struct cti_counters counters;

	cti_count(r->cti, &counters);
	return counters;
}

void stage_await_listener(const char *channel)
{
	int64_t end = clock_ms() + PATIENCE_MS, n = 0;

	while (n == 0 && clock_ms() < end) {
		stage_turn();
		n = REDIS_NUMBER(STR("PUBLISH"), str_from(channel), NOTHING);
	}
	assert_true(n > 0);
}

void publish(const char *channel, const char *text)
{
	REDIS_NUMBER(STR("PUBLISH"), str_from(channel), str_from(text));
	stage_settle();
}

static struct str copy_key(const char *jti)
{
	return str_from(arena_printf(stage.arena, "cti1:{" DOMAIN "}:tok:%s", jti));
}

/* Redis has a clock of its own, so the copy stays until it is forgotten. */
void session_copy(const char *user, const char *jti, const char *rooms, int64_t expires_s)
{
	REDIS_NUMBER(STR("HSET"), copy_key(jti), STR("u"), str_from(user), STR("otp"), STR("1"),
		STR("exp"), decimal(expires_s), STR("rooms"), str_from(rooms));
}

void session_forget(const char *jti)
{
	REDIS_NUMBER(STR("DEL"), copy_key(jti));
}

/* Clients. */

struct client *client_open(struct relay *r)
{
	struct client *c = mem_alloc(sizeof(*c));

	assert_true(stage.client_n < CLIENTS_MAX);
	stage.clients[stage.client_n++] = c;
	c->relay = r;
	buf_init(&c->said, TEXT_MAX);
	buf_init(&c->last, TEXT_MAX);
	sio_init(&c->sio, &r->kind, SIO_PROTOCOL_5);
	sio_start(&c->sio);
	sio_on_text(&c->sio, STR("0"));
	return c;
}

void client_send(struct client *c, const char *array)
{
	sio_on_text(&c->sio, str_from(arena_printf(stage.arena, "2%s", array)));
	stage_settle();
}

void client_drop(struct client *c)
{
	c->ended = true;
	stage_turn();
	stage_settle();
}

const char *session_token(const struct session_claims *claims)
{
	char *token;

	assert_int_equal(session_token_make(stage.keys, claims, stage.arena, &token), ERR_OK);
	return token;
}

void client_log_in(struct client *c, const char *user, const char *jti, const char *ua)
{
	const struct session_claims claims = { .id = user,
		.domain = DOMAIN,
		.jti = jti,
		.issued_at = stage_wall_s(),
		.expires_at = stage_wall_s() + LIFE_S };

	client_send(c, arena_printf(stage.arena,
			       "[\"login\",{\"accessKeyId\":\"%s\",\"token\":\"%s\"%s%s%s}]", user,
			       session_token(&claims), ua ? ",\"uaType\":\"" : "", ua ? ua : "",
			       ua ? "\"" : ""));
}

struct client *client_waiting(struct relay *r, const char *user, const char *jti, const char *ua)
{
	struct client *c = client_open(r);

	session_copy(user, jti, "all", stage_wall_s() + LIFE_S);
	client_log_in(c, user, jti, ua);
	return c;
}

struct client *client_of(struct relay *r, const char *user, const char *jti, const char *ua)
{
	struct client *c = client_waiting(r, user, jti, ua);

	assert_said(c, "authe_ok");
	return c;
}

int64_t client_ms(struct client *c)
{
	int64_t start = stage.now_ms, end = start + 100000;
	size_t had = c->said.n;

	while (c->said.n == had && stage.now_ms < end)
		step(end);
	return stage.now_ms - start;
}

void client_expect(struct client *c, const char *said, const char *file, int line)
{
	_assert_string_equal(c->said.p ? c->said.p : "", said, file, line);
	buf_clear(&c->said);
}

/* Setting the stage. */

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
	stage.redis = redis_new(&stage.address, PATIENCE_MS);
	redis_text(REDIS_COMMAND(STR("FLUSHALL")));
	return 0;
}

static void clear_clients(void)
{
	for (size_t i = 0; i < stage.client_n; i++)
		stage.clients[i]->ended = true;
	bury_ended();
	while (stage.question_n) {
		struct question *q = &stage.questions[--stage.question_n];

		q->fn(q->arg, SESSION_UNKNOWN, STR(""));
	}
	for (size_t i = 0; i < stage.client_n; i++) {
		buf_finish(&stage.clients[i]->said);
		buf_finish(&stage.clients[i]->last);
		free(stage.clients[i]);
	}
}

int stage_teardown(void **state)
{
	(void)state;
	clear_clients();
	for (size_t i = 0; i < stage.relay_n; i++) {
		cti_free(&stage.relays[i]->cti);
		free(stage.relays[i]);
	}
	redis_free(&stage.redis);
	keyring_free(&stage.keys);
	arena_free(&stage.arena);
	return 0;
}
