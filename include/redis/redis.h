/*
 * One synchronous connection to Redis, for what may fail: Redis is never the truth.
 *
 * A call never waits longer than the configured time per step (100 ms), and for a round of sentinels
 * not longer than five steps.  After a failure nothing is tried for 500 ms, doubling to 2 s: calls
 * answer ERR_UNAVAILABLE at once and their callers go on without.  A connection that died while idle
 * is replaced before use.  A server that is no master, or no longer, is left.  Commands are executed in the
 * order of the calls, waited for or not.
 *
 * It is not for subscriptions: redis/subscriber is.  hiredis writes without MSG_NOSIGNAL, therefore
 * SIGPIPE is ignored from redis_new() on.
 */
#ifndef DIALTONE_REDIS_REDIS_H
#define DIALTONE_REDIS_REDIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/redis_address.h"

struct redis;

enum redis_type {
	REDIS_NIL,
	REDIS_TEXT,    /* a string, or a status such as OK */
	REDIS_INTEGER, /* in number */
	REDIS_LIST     /* in items */
};

struct redis_reply {
	enum redis_type type;
	int64_t number;
	struct str text; /* also followed by a NUL */
	struct redis_reply *items;
	size_t count;
};

/* A command and its arguments, any bytes. */
struct redis_command {
	const struct str *args;
	size_t n;
};

/* REDIS_COMMAND(STR("GET"), key): lives until the end of the block it is written in. */
#define REDIS_COMMAND(...)                                            \
	((struct redis_command){ (const struct str[]){ __VA_ARGS__ }, \
		sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str) })

/* Does not connect. The address's texts are kept. timeout_ms: 0 is 100. */
struct redis *redis_new(const struct redis_address *address, int timeout_ms);
void redis_free(struct redis **r);
/* Where it is connected to, or why it is not: for people. */
const char *redis_where(const struct redis *r);

/* Written by one process (base/counter.h). */
struct redis_counters {
	uint64_t up; /* 0 or 1 */
	uint64_t failures;
};
/* From now on it counts there, which is kept, and not in itself. */
void redis_count_in(struct redis *r, struct redis_counters *counters);
const struct redis_counters *redis_counters(const struct redis *r);

/* Times its replies were waited for, since redis_new(). */
uint64_t redis_exchanges(const struct redis *r);

/*
 * Sends commands in one write and reads all their replies, which live in the arena.
 *   ERR_UNAVAILABLE  Redis is away, silent, loading, read-only or full; some may have been executed
 *   ERR_INTERNAL     a command was refused; logged here with its name
 */
MUST_CHECK enum err redis_pipeline(struct redis *r, const struct redis_command *commands, size_t n,
	struct arena *arena, struct redis_reply *ret_replies);
/* Sends a command whose reply nothing depends on, and does not wait: a refusal is logged with the next call.
 * ERR_UNAVAILABLE: Redis is known to be away. */
MUST_CHECK enum err redis_send(struct redis *r, struct redis_command command);
/* The same, for a reply that is wanted later: redis_finish() reads it, unless another call came between, which has
 * thrown it away (ERR_UNAVAILABLE). */
MUST_CHECK enum err redis_begin(struct redis *r, struct redis_command command);
MUST_CHECK enum err redis_finish(struct redis *r, struct arena *arena, struct redis_reply *ret);
MUST_CHECK enum err redis_call(struct redis *r, struct redis_command command, struct arena *arena,
	struct redis_reply *ret);

/* Whether it answers. */
MUST_CHECK enum err redis_ping(struct redis *r, struct arena *arena);

/* For a server that is not our own: what it answers has an end, in time and size, however it answers. */
struct redis_bounds {
	int64_t until_ms; /* of clock_ms(); connecting included */
	size_t bytes_max;
};
MUST_CHECK enum err redis_call_within(struct redis *r, struct redis_command command,
	const struct redis_bounds *bounds, struct arena *arena, struct redis_reply *ret);

#endif
