#define _GNU_SOURCE
#include "redis/pipeline.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sample.h"
#include "redis_priv.h"

#define PIPELINE_FLIGHT_MAX  65536
#define PIPELINE_BACKOFF_MIN 100
#define PIPELINE_BACKOFF_MAX 2000
#define PIPELINE_SILENCE_MS  5000

enum pipeline_state {
	PIPELINE_IDLE,    /* not started, or stopped */
	PIPELINE_DOWN,    /* waits for the next try */
	PIPELINE_DIALING, /* on the way to the server */
	PIPELINE_UP
};

struct flight {
	pipeline_reply_fn *fn;
	void *arg;
};

struct pipeline {
	struct redis_address address;
	const struct pipeline_owner *owner;
	struct dial dial;
	struct wire wire; /* while it is up */
	enum pipeline_state state;
	struct deadline timer; /* next try, or the dial's, or next look for silence */
	struct deadline_queue timers;
	int backoff_ms;
	bool heard, pinged;        /* since the last look for silence */
	char host[LOOKUP_ADDRESS]; /* of the one it follows, */
	char name[LOOKUP_HOST];    /* and its name, for its certificate */
	struct outage outage;
	struct sample complaints;
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
	dial_init(&p->dial, &p->address, owner);
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
	dial_stop(&p->dial);
	if (!p->wire.redis)
		return;
	p->owner->watch(p->owner->arg, -1, false);
	wire_close(&p->wire);
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

static void go_down(struct pipeline *p, enum pipeline_state state)
{
	bool was_up = p->state == PIPELINE_UP;

	disconnect(p);
	p->state = state;
	answer_lost(p);
	if (was_up)
		p->owner->on_down(p->owner->arg);
}

static void lost(struct pipeline *p, const char *why)
{
	outage_note(&p->outage, why);
	/* Half to full time, so that many relays do not come back in step. */
	set_timer(p, p->backoff_ms / 2 + (int)(random() % (p->backoff_ms / 2 + 1)));
	p->backoff_ms *= 2;
	if (p->backoff_ms > PIPELINE_BACKOFF_MAX)
		p->backoff_ms = PIPELINE_BACKOFF_MAX;
	go_down(p, PIPELINE_DOWN);
}

static void append(struct pipeline *p, struct redis_command command)
{
	wire_append(&p->wire, &command);
	p->owner->watch(p->owner->arg, p->wire.redis->fd, true);
}

static void go_up(struct pipeline *p)
{
	p->wire = dial_take(&p->dial);
	p->state = PIPELINE_UP;
	p->backoff_ms = PIPELINE_BACKOFF_MIN;
	p->pinged = false;
	outage_end(&p->outage);
	set_timer(p, PIPELINE_SILENCE_MS);
	p->owner->on_up(p->owner->arg);
}

static void take_dial(struct pipeline *p, enum dial_result result)
{
	switch (result) {
	case DIAL_PENDING:
		deadline_set(&p->timer, &p->timers, p->dial.due_ms);
		break;
	case DIAL_THERE:
		go_up(p);
		break;
	case DIAL_LOST:
		lost(p, p->dial.route.why);
		break;
	}
}

static void try_connect(struct pipeline *p)
{
	p->state = PIPELINE_DIALING;
	take_dial(p, dial_start(&p->dial));
}

void pipeline_start(struct pipeline *p)
{
	if (p->state == PIPELINE_IDLE)
		try_connect(p);
}

void pipeline_stop(struct pipeline *p)
{
	deadline_clear(&p->timer);
	go_down(p, PIPELINE_IDLE);
}

void pipeline_follow(struct pipeline *p, const struct pipeline *leader)
{
	const struct dial *way = &leader->dial;

	pipeline_stop(p);
	p->address = leader->address;
	snprintf(p->host, sizeof(p->host), "%s", way->address);
	p->address.place = (struct redis_place){ p->host, way->route.port };
	p->address.master = NULL;
	snprintf(p->name, sizeof(p->name), "%s", way->route.host);
	p->address.tls.name = p->name;
	p->backoff_ms = PIPELINE_BACKOFF_MIN;
	pipeline_start(p);
}

/* For a channel that may not be subscribed no confirmation will ever come, and which one it was is not
 * told: a subscriber cannot go on. */
static bool is_fatal(const struct pipeline *p, const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR &&
	       (p->owner->on_push || complaint_of(reply->str) == COMPLAINT_SERVER);
}

/* A server that is short of memory would say so a thousand times a second. */
static void complain(struct pipeline *p, const char *why)
{
	if (sample_take(&p->complaints, clock_ms(), NULL))
		log_error("redis refused a command: %s", why);
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
		complain(p, reply->str);
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
	if (is_fatal(p, reply))
		lost(p, reply->str);
	else if (p->owner->on_push || p->count > 0)
		hand_out(p, reply);
	else
		lost(p, "a reply to no request");
}

static void read_replies(struct pipeline *p)
{
	void *got = NULL;

	if (wire_read(&p->wire) != REDIS_OK) {
		lost(p, p->wire.redis->errstr);
		return;
	}
	p->heard = true;
	while (p->wire.redis) {
		if (redisGetReplyFromReader(p->wire.redis, &got) != REDIS_OK) {
			lost(p, p->wire.redis->errstr);
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

	if (wire_write(&p->wire, &done) != REDIS_OK)
		lost(p, p->wire.redis->errstr);
	else if (done)
		p->owner->watch(p->owner->arg, p->wire.redis->fd, false);
}

void pipeline_on_ready(struct pipeline *p, bool input, bool output)
{
	if (p->state == PIPELINE_DIALING) {
		take_dial(p, dial_on_ready(&p->dial, input, output));
		return;
	}
	if (p->wire.redis && output)
		write_commands(p);
	if (p->wire.redis && input)
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
	else if (p->state == PIPELINE_DIALING)
		take_dial(p, dial_on_time(&p->dial));
	else
		try_connect(p);
}

void pipeline_free(struct pipeline **p)
{
	if (!*p)
		return;
	deadline_clear(&(*p)->timer);
	(*p)->state = PIPELINE_IDLE;
	disconnect(*p);
	dial_finish(&(*p)->dial);
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
	if (p->state != PIPELINE_UP || p->count >= PIPELINE_FLIGHT_MAX)
		return ERR_UNAVAILABLE;
	append(p, command);
	if (!p->owner->on_push)
		add_flight(p, fn, arg);
	return ERR_OK;
}
