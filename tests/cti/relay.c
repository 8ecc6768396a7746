#include "stage_priv.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"

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
	assert_true(stage.question_n < STAGE_QUESTIONS);
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

/* Rates beyond any that is asked for are the echo of stage_settle(). */
static void on_drain(void *arg, int64_t rate)
{
	struct relay *r = arg;

	if (rate > STAGE_ECHO)
		r->echo = rate;
	else
		r->drains += rate;
}

void line_turn(struct line *line)
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

bool line_is_up(const struct line *line)
{
	return line->pipeline && !line->held && !line->deaf && pipeline_is_up(line->pipeline);
}

void relay_mend(struct relay *r)
{
	int64_t end = clock_ms() + STAGE_PATIENCE_MS;

	while (clock_ms() < end &&
		!(line_is_up(&r->lines[LINE_COMMANDS]) && line_is_up(&r->lines[LINE_EVENTS])))
		stage_turn();
	assert_true(line_is_up(&r->lines[LINE_COMMANDS]) && line_is_up(&r->lines[LINE_EVENTS]));
	stage_settle();
}

struct relay *relay_start(const char *id)
{
	struct relay *r = mem_alloc(sizeof(*r));

	assert_true(stage.relay_n < STAGE_RELAYS);
	stage.relays[stage.relay_n++] = r;
	r->settings = cti_usual;
	r->settings.core.prefix = "cti1:";
	r->settings.keys = stage.keys;
	r->settings.core.relay = id;
	r->settings.takeover_ms = 8000;
	r->ports =
		(struct cti_ports){ { on_watch, on_queue, on_now, on_wall, r }, on_ask, on_drain };
	r->cti = cti_new(&r->settings, &r->ports, &stage.address);
	r->kind = (struct sio_kind){ &client_carrier, &cti_app, r->cti, 0 };
	relay_mend(r);
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
	int64_t end = clock_ms() + STAGE_PATIENCE_MS;
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
	while (REDIS_NUMBER(STR("PUBLISH"), relay_channel(r), STAGE_NOTHING) > 0)
		continue;
	r->queue_n = 0;
}

struct str relay_channel(const struct relay *r)
{
	return str_from(arena_printf(stage.arena, "cti1:n:%s", r->settings.core.relay));
}

struct core_counters relay_counters(const struct relay *r)
{
	struct core_counters counters;

	cti_count(r->cti, &counters);
	return counters;
}

void relays_free(void)
{
	for (size_t i = 0; i < stage.relay_n; i++) {
		cti_free(&stage.relays[i]->cti);
		free(stage.relays[i]);
	}
}
