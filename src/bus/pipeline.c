#define _GNU_SOURCE
#include "bus/pipeline.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "bus_priv.h"

#define PIPELINE_ARGS_MAX     300
#define PIPELINE_FLIGHT_MAX   65536
#define PIPELINE_BACKOFF_MIN  100
#define PIPELINE_BACKOFF_MAX  2000
#define PIPELINE_HANDSHAKE_MS 3000
#define PIPELINE_SILENCE_MS   10000

enum pipeline_state {
	PIPELINE_DOWN,       /* waits for the next try */
	PIPELINE_CONNECTING, /* the kernel is connecting */
	PIPELINE_GREETING,   /* AUTH, SELECT and PING are on their way */
	PIPELINE_UP
};

struct flight {
	pipeline_reply_fn *fn;
	void *arg;
};

struct pipeline {
	struct redis_address address;
	const struct pipeline_owner *owner;
	redisContext *redis;
	enum pipeline_state state;
	struct deadline timer; /* next try, or end of the handshake, or next look for silence */
	struct deadline_queue timers;
	int backoff_ms;
	unsigned greetings;     /* replies of the handshake still to come */
	bool heard, pinged;     /* since the last look for silence */
	bool away;              /* the outage has been logged */
	struct arena *arena;    /* of the reply being handed out */
	struct flight *flights; /* a ring; cap is a power of two */
	size_t first, count, cap;
};

static void on_timer(struct deadline *d, int64_t now_ms);

struct pipeline *pipeline_new(
	const struct redis_address *address, const struct pipeline_owner *owner)
{
	struct pipeline *p = mem_alloc(sizeof(*p));

	signal(SIGPIPE, SIG_IGN);
	p->address = *address;
	p->owner = owner;
	p->arena = arena_new(4096);
	p->backoff_ms = PIPELINE_BACKOFF_MIN;
	deadline_init(&p->timer);
	deadline_queue_init(&p->timers, on_timer);
	return p;
}

static void set_timer(struct pipeline *p, int ms)
{
	deadline_set(&p->timer, &p->timers, clock_ms() + ms);
}

static struct flight take_flight(struct pipeline *p)
{
	struct flight f = p->flights[p->first];

	p->first = (p->first + 1) & (p->cap - 1);
	p->count--;
	return f;
}

static void add_flight(struct pipeline *p, pipeline_reply_fn *fn, void *arg)
{
	if (p->count == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 16;
		struct flight *ring = mem_alloc(cap * sizeof(*ring));

		for (size_t i = 0; i < p->count; i++)
			ring[i] = p->flights[(p->first + i) & (p->cap - 1)];
		free(p->flights);
		p->flights = ring;
		p->cap = cap;
		p->first = 0;
	}
	p->flights[(p->first + p->count++) & (p->cap - 1)] = (struct flight){ fn, arg };
}

static void disconnect(struct pipeline *p)
{
	if (!p->redis)
		return;
	p->owner->watch(p->owner->arg, -1, false);
	redisFree(p->redis);
	p->redis = NULL;
}

/* Those in flight at this moment; what their callbacks send fails, the state being down. */
static void answer_lost(struct pipeline *p)
{
	for (size_t n = p->count; n > 0; n--) {
		struct flight f = take_flight(p);

		if (f.fn)
			f.fn(f.arg, NULL);
	}
}

static void lost(struct pipeline *p, const char *why)
{
	bool was_up = p->state == PIPELINE_UP;

	if (!p->away)
		log_warn("redis connection lost: %s", why);
	p->away = true;
	disconnect(p);
	p->state = PIPELINE_DOWN;
	/* Half to full time, so that many relays do not come back in step. */
	set_timer(p, p->backoff_ms / 2 + (int)(random() % (p->backoff_ms / 2 + 1)));
	p->backoff_ms *= 2;
	if (p->backoff_ms > PIPELINE_BACKOFF_MAX)
		p->backoff_ms = PIPELINE_BACKOFF_MAX;
	answer_lost(p);
	if (was_up)
		p->owner->on_down(p->owner->arg);
}

static void watch_output(struct pipeline *p, bool output)
{
	p->owner->watch(p->owner->arg, p->redis->fd, output);
}

static void append(struct pipeline *p, struct redis_command command)
{
	const char *argv[PIPELINE_ARGS_MAX];
	size_t lengths[PIPELINE_ARGS_MAX];

	for (size_t i = 0; i < command.n; i++) {
		argv[i] = command.args[i].p;
		lengths[i] = command.args[i].n;
	}
	redisAppendCommandArgv(p->redis, (int)command.n, argv, lengths);
	watch_output(p, true);
}

static void greet(struct pipeline *p)
{
	const struct redis_address *a = &p->address;
	char db[16];

	p->state = PIPELINE_GREETING;
	p->greetings = 1;
	if (a->password && a->user)
		append(p, REDIS_COMMAND(STR("AUTH"), str_from(a->user), str_from(a->password)));
	else if (a->password)
		append(p, REDIS_COMMAND(STR("AUTH"), str_from(a->password)));
	p->greetings += a->password != NULL;
	if (a->db) {
		snprintf(db, sizeof(db), "%d", a->db);
		append(p, REDIS_COMMAND(STR("SELECT"), str_from(db)));
		p->greetings++;
	}
	append(p, REDIS_COMMAND(STR("PING")));
}

static void on_connected(struct pipeline *p)
{
	int error = 0;
	socklen_t n = sizeof(error);

	getsockopt(p->redis->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error)
		lost(p, strerror(error));
	else
		greet(p);
}

static void try_connect(struct pipeline *p)
{
	p->redis = p->address.path ? redisConnectUnixNonBlock(p->address.path)
				   : redisConnectNonBlock(p->address.host, p->address.port);
	if (!p->redis || p->redis->err) {
		char why[128];

		snprintf(why, sizeof(why), "%s", p->redis ? p->redis->errstr : "no memory");
		if (p->redis)
			redisFree(p->redis);
		p->redis = NULL;
		lost(p, why);
		return;
	}
	p->state = PIPELINE_CONNECTING;
	set_timer(p, PIPELINE_HANDSHAKE_MS);
	watch_output(p, true);
}

void pipeline_start(struct pipeline *p)
{
	if (p->state == PIPELINE_DOWN && !p->redis)
		try_connect(p);
}

static void on_greeted(struct pipeline *p)
{
	if (p->away)
		log_info("redis connection is back");
	p->away = false;
	p->state = PIPELINE_UP;
	p->backoff_ms = PIPELINE_BACKOFF_MIN;
	p->pinged = false;
	set_timer(p, PIPELINE_SILENCE_MS);
	p->owner->on_up(p->owner->arg);
}

static void on_greeting_reply(struct pipeline *p, const redisReply *reply)
{
	if (reply->type == REDIS_REPLY_ERROR) {
		lost(p, reply->str);
		return;
	}
	if (--p->greetings == 0)
		on_greeted(p);
}

static void hand_out(struct pipeline *p, const redisReply *reply)
{
	pipeline_reply_fn *fn = p->owner->on_push;
	void *arg = p->owner->arg;
	struct redis_reply copy;

	if (!fn) {
		struct flight f = take_flight(p);

		fn = f.fn;
		arg = f.arg;
	}
	if (reply->type == REDIS_REPLY_ERROR)
		log_error("redis refused a command: %s", reply->str);
	if (!fn)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		fn(arg, NULL);
		return;
	}
	redis_reply_copy(reply, p->arena, &copy);
	fn(arg, &copy);
	arena_reset(p->arena);
}

static void on_reply(struct pipeline *p, const redisReply *reply)
{
	if (p->state == PIPELINE_GREETING)
		on_greeting_reply(p, reply);
	else if (p->owner->on_push || p->count > 0)
		hand_out(p, reply);
	else
		lost(p, "a reply nobody asked for");
}

static void read_replies(struct pipeline *p)
{
	void *got = NULL;

	if (redisBufferRead(p->redis) != REDIS_OK) {
		lost(p, p->redis->errstr);
		return;
	}
	p->heard = true;
	while (p->redis) {
		if (redisGetReplyFromReader(p->redis, &got) != REDIS_OK) {
			lost(p, p->redis->errstr);
			return;
		}
		if (!got)
			return;
		on_reply(p, got);
		freeReplyObject(got);
	}
}

static void write_commands(struct pipeline *p)
{
	int done = 0;

	if (redisBufferWrite(p->redis, &done) != REDIS_OK)
		lost(p, p->redis->errstr);
	else if (done)
		watch_output(p, false);
}

void pipeline_on_ready(struct pipeline *p, bool input, bool output)
{
	if (p->redis && p->state == PIPELINE_CONNECTING)
		on_connected(p);
	if (p->redis && output)
		write_commands(p);
	if (p->redis && input)
		read_replies(p);
}

/* A ping is answered within the next interval, or the server is as good as gone. */
static void look_for_silence(struct pipeline *p)
{
	if (p->pinged && !p->heard) {
		lost(p, "no answer");
		return;
	}
	p->heard = false;
	p->pinged = true;
	append(p, REDIS_COMMAND(STR("PING")));
	if (!p->owner->on_push)
		add_flight(p, NULL, NULL);
	set_timer(p, PIPELINE_SILENCE_MS);
}

static void on_timer(struct deadline *d, int64_t now_ms)
{
	struct pipeline *p = LIST_ENTRY(d, struct pipeline, timer);

	(void)now_ms;
	if (p->state == PIPELINE_UP)
		look_for_silence(p);
	else if (p->state == PIPELINE_DOWN)
		try_connect(p);
	else
		lost(p, "no answer");
}

void pipeline_free(struct pipeline **p)
{
	if (!*p)
		return;
	deadline_clear(&(*p)->timer);
	(*p)->state = PIPELINE_DOWN;
	disconnect(*p);
	answer_lost(*p);
	arena_free(&(*p)->arena);
	free((*p)->flights);
	free(*p);
	*p = NULL;
}

struct deadline_queue *pipeline_deadlines(struct pipeline *p)
{
	return &p->timers;
}

bool pipeline_is_up(const struct pipeline *p)
{
	return p->state == PIPELINE_UP;
}

enum err pipeline_send(
	struct pipeline *p, struct redis_command command, pipeline_reply_fn *fn, void *arg)
{
	if (p->state != PIPELINE_UP || p->count >= PIPELINE_FLIGHT_MAX ||
		command.n > PIPELINE_ARGS_MAX)
		return ERR_UNAVAILABLE;
	append(p, command);
	if (!p->owner->on_push)
		add_flight(p, fn, arg);
	return ERR_OK;
}
