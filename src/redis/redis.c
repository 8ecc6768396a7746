#define _GNU_SOURCE
#include "redis/redis.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sample.h"
#include "redis_priv.h"

#define TIMEOUT_MS          100
#define BACKOFF_MIN_MS      500
#define BACKOFF_MAX_MS      2000
#define OWED_MAX            1000 /* replies to commands that were only sent */
#define COMPLAINTS_EVERY_MS 10000
#define ROUND_STEPS         5 /* times the time of one step: at most for a round of sentinels */

struct redis {
	struct route route;
	struct redis_address address;
	struct lookup *lookup;
	int timeout_ms;
	struct wire wire;    /* closed when there is no connection */
	int64_t retry_at_ms; /* the circuit is open until then */
	int backoff_ms;
	struct outage outage;
	struct sample complaints; /* of a server that is full, say, with each command */
	char where[WHY_MAX];
	uint64_t exchanges;
	struct redis_counters own, *counters;
	size_t owed;                /* replies to come before that of the next command */
	bool asked;                 /* the last of them is wanted */
	struct redis_bounds bounds; /* of the call at hand; until_ms 0: none */
};

struct redis *redis_new(const struct redis_address *address, int timeout_ms)
{
	struct redis *r = mem_alloc(sizeof(*r));

	signal(SIGPIPE, SIG_IGN);
	r->address = *address;
	r->lookup = lookup_new();
	r->timeout_ms = timeout_ms ? timeout_ms : TIMEOUT_MS;
	r->counters = &r->own;
	r->complaints.silence_ms = COMPLAINTS_EVERY_MS;
	route_init(&r->route, &r->address);
	return r;
}

void redis_drop(struct redis *r)
{
	wire_close(&r->wire);
	counter_set(&r->counters->up, 0);
	r->owed = 0;
	r->asked = false;
}

int redis_fd(const struct redis *r)
{
	return r->wire.redis ? r->wire.redis->fd : -1;
}

void redis_free(struct redis **r)
{
	if (!*r)
		return;
	redis_drop(*r);
	lookup_free(&(*r)->lookup);
	free(*r);
	*r = NULL;
}

uint64_t redis_exchanges(const struct redis *r)
{
	return r->exchanges;
}

void redis_count_in(struct redis *r, struct redis_counters *counters)
{
	r->counters = counters;
}

const struct redis_counters *redis_counters(const struct redis *r)
{
	return r->counters;
}

const char *redis_where(const struct redis *r)
{
	return r->where;
}

static enum err lost(struct redis *r, const char *why)
{
	outage_note(&r->outage, why);
	counter_add(&r->counters->failures, 1);
	snprintf(r->where, sizeof(r->where), "%s", why);
	r->backoff_ms = r->backoff_ms ? 2 * r->backoff_ms : BACKOFF_MIN_MS;
	if (r->backoff_ms > BACKOFF_MAX_MS)
		r->backoff_ms = BACKOFF_MAX_MS;
	r->retry_at_ms = clock_ms() + r->backoff_ms;
	redis_drop(r);
	return ERR_UNAVAILABLE;
}

static enum err lost_connection(struct redis *r)
{
	const redisContext *redis = r->wire.redis;

	return lost(r, redis && redis->errstr[0] ? redis->errstr : "no answer");
}

static int ended(struct redis *r, const char *why)
{
	r->wire.redis->err = REDIS_ERR_IO;
	snprintf(r->wire.redis->errstr, sizeof(r->wire.redis->errstr), "%s", why);
	return REDIS_ERR;
}

/* For the time of one step, less what the call at hand has left. */
static bool wait_for(struct redis *r, short events)
{
	struct pollfd p = { .fd = r->wire.redis->fd, .events = events };
	int64_t left_ms = r->bounds.until_ms ? r->bounds.until_ms - clock_ms() : r->timeout_ms;

	if (left_ms <= 0)
		ended(r, "no answer in time");
	else if (poll(&p, 1, (int)(left_ms < r->timeout_ms ? left_ms : r->timeout_ms)) > 0)
		return true;
	else
		ended(r, "no answer");
	return false;
}

/* Reads some of the reply, while there is time and room. */
static int read_within(struct redis *r)
{
	size_t before = r->wire.redis->reader->len, got;

	if (!wait_for(r, POLLIN) || wire_read(&r->wire) != REDIS_OK)
		return REDIS_ERR;
	got = r->wire.redis->reader->len - before;
	if (!r->bounds.until_ms)
		return REDIS_OK;
	if (got > r->bounds.bytes_max)
		return ended(r, "the answer is too large");
	r->bounds.bytes_max -= got;
	return REDIS_OK;
}

static int write_all(struct redis *r)
{
	int done = 0;

	while (wire_write(&r->wire, &done) == REDIS_OK)
		if (done)
			return REDIS_OK;
		else if (!wait_for(r, r->wire.reads_first ? POLLIN : POLLOUT))
			break;
	return REDIS_ERR;
}

/* hiredis calls the end of its time "Resource temporarily unavailable". */
static int get_reply_alone(struct redis *r, void **ret)
{
	if (redisGetReply(r->wire.redis, ret) == REDIS_OK)
		return REDIS_OK;
	if (r->wire.redis->err == REDIS_ERR_IO && errno == EAGAIN)
		return ended(r, "no answer");
	return REDIS_ERR;
}

static int get_reply(struct redis *r, void **ret)
{
	if (!r->bounds.until_ms && !r->wire.tls)
		return get_reply_alone(r, ret);
	*ret = NULL;
	if (write_all(r) != REDIS_OK)
		return REDIS_ERR;
	while (redisGetReplyFromReader(r->wire.redis, ret) == REDIS_OK) {
		if (*ret)
			return REDIS_OK;
		if (read_within(r) != REDIS_OK)
			return REDIS_ERR;
	}
	return REDIS_ERR;
}

void redis_reply_copy(const redisReply *from, struct arena *arena, struct redis_reply *to)
{
	*to = (struct redis_reply){ .number = from->integer, .count = from->elements };
	switch (from->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
		to->type = REDIS_TEXT;
		to->text = (struct str){ arena_strndup(arena, from->str, from->len), from->len };
		break;
	case REDIS_REPLY_INTEGER:
		to->type = REDIS_INTEGER;
		break;
	case REDIS_REPLY_ARRAY:
		to->type = REDIS_LIST;
		to->items = arena_alloc(arena, from->elements * sizeof(*to->items));
		for (size_t i = 0; i < from->elements; i++)
			redis_reply_copy(from->element[i], arena, &to->items[i]);
		break;
	default:
		to->type = REDIS_NIL;
	}
}

static enum err refused(struct redis *r, const struct redis_command *command, const char *why)
{
	switch (complaint_of(why)) {
	case COMPLAINT_SERVER:
		return lost(r, why);
	case COMPLAINT_PASSING:
		if (sample_take(&r->complaints, clock_ms(), NULL))
			log_warn("redis refused %.*s: %s", (int)command->args[0].n,
				command->args[0].p, why);
		return ERR_UNAVAILABLE;
	default:
		log_error(
			"redis refused %.*s: %s", (int)command->args[0].n, command->args[0].p, why);
		return ERR_INTERNAL;
	}
}

static enum err reply_take(struct redis *r, const struct redis_command *command,
	struct arena *arena, struct redis_reply *ret)
{
	void *got;
	redisReply *reply;
	enum err e = ERR_OK;

	if (get_reply(r, &got) != REDIS_OK)
		return lost_connection(r);
	reply = got;
	if (reply->type != REDIS_REPLY_ERROR) {
		redis_reply_copy(reply, arena, ret);
	} else {
		e = refused(r, command, reply->str);
	}
	freeReplyObject(reply);
	return e;
}

/* The reply to a command that was only sent. Takes it. */
static void pass_reply(struct redis *r, redisReply *reply)
{
	const struct redis_command sent = REDIS_COMMAND(STR("a command that was only sent"));

	r->owed--;
	if (reply->type == REDIS_REPLY_ERROR && refused(r, &sent, reply->str) != ERR_OK)
		log_debug("something in Redis is older than it could be");
	freeReplyObject(reply);
}

static enum err pass_next(struct redis *r)
{
	void *got;

	if (get_reply(r, &got) != REDIS_OK)
		return lost_connection(r);
	pass_reply(r, got);
	return r->wire.redis ? ERR_OK : ERR_UNAVAILABLE;
}

/* Those that are owed come first. */
static enum err wait_for_owed(struct redis *r)
{
	enum err e = ERR_OK;

	while (r->owed && e == ERR_OK)
		e = pass_next(r);
	return e;
}

/* All replies are read whatever the first ones say; the first failure counts. */
static enum err exchange(struct redis *r, const struct redis_command *commands, size_t n,
	struct arena *arena, struct redis_reply *replies)
{
	enum err first;

	r->exchanges++;
	for (size_t i = 0; i < n; i++)
		wire_append(&r->wire, &commands[i]);
	first = wait_for_owed(r);
	for (size_t i = 0; i < n && r->wire.redis; i++) {
		enum err e = reply_take(r, &commands[i], arena, &replies[i]);

		if (first == ERR_OK)
			first = e;
	}
	return first;
}

/* Leaves what goes wrong in the connection. */
static void secure(struct redis *r)
{
	enum wire_want want = WIRE_BROKEN;

	if (wire_secure(&r->wire, &r->address.tls, r->route.host) == REDIS_OK)
		want = wire_shake(&r->wire);
	while ((want == WIRE_READ || want == WIRE_WRITE) &&
		wait_for(r, want == WIRE_READ ? POLLIN : POLLOUT))
		want = wire_shake(&r->wire);
}

/* Connects to the place of the route. NULL: all is well. */
static const char *connect_to_place(struct redis *r)
{
	struct timeval limit = { .tv_sec = r->timeout_ms / 1000,
		.tv_usec = r->timeout_ms % 1000 * 1000 };
	char address[LOOKUP_ADDRESS];
	const char *path = r->address.path;

	if (!path && lookup_address(r->lookup, r->route.host, r->timeout_ms, address) != ERR_OK)
		return "its name has no address";
	redisContext *redis = path ? redisConnectUnixWithTimeout(path, limit)
				   : redisConnectWithTimeout(address, r->route.port, limit);

	r->wire.redis = redis;
	if (!redis)
		return "out of memory";
	if (!redis->err && redisSetTimeout(redis, limit) == REDIS_OK && !path)
		redisEnableKeepAlive(redis);
	if (!redis->err && r->address.tls.on)
		secure(r);
	return redis->err ? redis->errstr : NULL;
}

/* Says what the route wants to be said, and shows it the answers. */
static enum route_step greet(struct redis *r)
{
	enum route_step step = ROUTE_WAIT;
	void *got;

	for (size_t i = 0; i < r->route.count; i++)
		wire_append(&r->wire, &r->route.commands[i]);
	while (step == ROUTE_WAIT) {
		if (get_reply(r, &got) != REDIS_OK)
			return route_miss(&r->route, r->wire.redis->errstr);
		step = route_take(&r->route, got);
		freeReplyObject(got);
	}
	return step;
}

/* A round that takes too long goes on with the next try. */
static enum err connect_now(struct redis *r)
{
	enum route_step step = route_start(&r->route);
	int64_t end = clock_ms() + (int64_t)ROUND_STEPS * r->timeout_ms;

	if (r->bounds.until_ms && r->bounds.until_ms < end)
		end = r->bounds.until_ms;

	while (step == ROUTE_GO && clock_ms() < end) {
		const char *why;

		redis_drop(r);
		why = connect_to_place(r);
		step = why ? route_miss(&r->route, why) : greet(r);
	}
	if (step != ROUTE_ARRIVED)
		return lost(r, r->route.why);
	outage_end(&r->outage);
	if (r->address.path)
		snprintf(r->where, sizeof(r->where), "%s", r->address.path);
	else
		snprintf(r->where, sizeof(r->where), "%s:%d", r->route.host, r->route.port);
	r->backoff_ms = 0;
	counter_set(&r->counters->up, 1);
	return ERR_OK;
}

/* What has come of the replies that are owed. */
static bool take_owed(struct redis *r)
{
	void *got = NULL;

	if (r->owed == 0)
		return wire_is_quiet(&r->wire);
	if (wire_read(&r->wire) != REDIS_OK)
		return false;
	do {
		if (redisGetReplyFromReader(r->wire.redis, &got) != REDIS_OK)
			return false;
		if (got)
			pass_reply(r, got);
	} while (got && r->owed);
	return true;
}

/* What can be read and is not owed is the end of the connection. */
static void notice_death(struct redis *r)
{
	struct pollfd p = { .fd = r->wire.redis->fd, .events = POLLIN };

	if (poll(&p, 1, 0) > 0 && !take_owed(r))
		redis_drop(r);
}

static enum err ready(struct redis *r)
{
	r->asked = false;
	if (r->wire.redis)
		notice_death(r);
	if (r->wire.redis)
		return ERR_OK;
	if (clock_ms() < r->retry_at_ms)
		return ERR_UNAVAILABLE;
	return connect_now(r);
}

enum err redis_pipeline(struct redis *r, const struct redis_command *commands, size_t n,
	struct arena *arena, struct redis_reply *ret_replies)
{
	enum err e = ready(r);

	return e == ERR_OK ? exchange(r, commands, n, arena, ret_replies) : e;
}

enum err redis_call(
	struct redis *r, struct redis_command command, struct arena *arena, struct redis_reply *ret)
{
	return redis_pipeline(r, &command, 1, arena, ret);
}

enum err redis_ping(struct redis *r, struct arena *arena)
{
	struct redis_reply pong;

	return redis_call(r, REDIS_COMMAND(STR("PING")), arena, &pong);
}

enum err redis_call_within(struct redis *r, struct redis_command command,
	const struct redis_bounds *bounds, struct arena *arena, struct redis_reply *ret)
{
	enum err e;

	r->bounds = *bounds;
	e = redis_call(r, command, arena, ret);
	r->bounds = (struct redis_bounds){ 0 };
	return e;
}

/* A server that answers none of so many is silent. */
static enum err make_room(struct redis *r)
{
	return r->owed < OWED_MAX ? ERR_OK : wait_for_owed(r);
}

enum err redis_send(struct redis *r, struct redis_command command)
{
	enum err e = ready(r);

	if (e == ERR_OK)
		e = make_room(r);
	if (e != ERR_OK)
		return e;
	wire_append(&r->wire, &command);
	r->owed++;
	return write_all(r) == REDIS_OK ? ERR_OK : lost_connection(r);
}

enum err redis_begin(struct redis *r, struct redis_command command)
{
	enum err e = redis_send(r, command);

	r->asked = e == ERR_OK;
	return e;
}

enum err redis_finish(struct redis *r, struct arena *arena, struct redis_reply *ret)
{
	const struct redis_command asked = REDIS_COMMAND(STR("a question"));
	enum err e = ERR_OK;

	if (!r->asked)
		return ERR_UNAVAILABLE;
	r->asked = false;
	r->exchanges++;
	while (r->owed > 1 && e == ERR_OK)
		e = pass_next(r);
	if (e != ERR_OK)
		return e;
	r->owed = 0;
	return reply_take(r, &asked, arena, ret);
}

static bool discard_replies(redisContext *redis)
{
	void *got;

	while (redisGetReplyFromReader(redis, &got) == REDIS_OK && got)
		freeReplyObject(got);
	return redis->err == 0;
}

bool redis_discard(struct redis *r)
{
	char bytes[1024];
	ssize_t n = 1;

	if (r->wire.tls)
		return wire_read(&r->wire) == REDIS_OK && discard_replies(r->wire.redis);
	while (n > 0)
		n = recv(redis_fd(r), bytes, sizeof(bytes), MSG_DONTWAIT);
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}
