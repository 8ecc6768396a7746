/* A test beside the Redis that run-with-redis has started: one connection, and memory for replies. */
#ifndef DIALTONE_TESTS_REDIS_LIVE_H
#define DIALTONE_TESTS_REDIS_LIVE_H

#include <stdlib.h>

#include "../unit/unit.h"
#include "redis/redis.h"
#include "conf/redis_address.h"

struct fixture {
	struct arena *arena;
	struct redis_address address;
	struct redis *redis;
};

static inline int setup(void **state)
{
	static struct fixture f;

	f.arena = arena_new(4096);
	assert_int_equal(redis_address_parse(getenv("TEST_REDIS"), f.arena, &f.address), ERR_OK);
	f.redis = redis_new(&f.address, 0);
	*state = &f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	redis_free(&f->redis);
	arena_free(&f->arena);
	return 0;
}

static inline struct redis_reply call(struct fixture *f, struct redis_command command)
{
	struct redis_reply reply;

	assert_int_equal(redis_call(f->redis, command, f->arena, &reply), ERR_OK);
	return reply;
}

#endif
