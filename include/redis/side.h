/*
 * What a process keeps in Redis for itself: the connection, the prefix of its names, and an arena that
 * each call resets.  The ports of identity, sessions and hmac_login are made from one.
 */
#ifndef DIALTONE_REDIS_SIDE_H
#define DIALTONE_REDIS_SIDE_H

#include "base/arena.h"
#include "redis/redis.h"

struct redis_side {
	struct redis *redis;
	const char *prefix;
	struct arena *arena; /* of one call */
};

#endif
