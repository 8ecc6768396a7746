/*
 * What dialtone-api keeps in Redis: replay counters, the copy of live sessions, buckets of requests, and the call that
 * wakes dialtone-jobs.  All of it may be lost (design.md section 2).
 */
#ifndef DIALTONE_APID_REDIS_H
#define DIALTONE_APID_REDIS_H

#include "base/arena.h"
#include "redis/redis.h"
#include "service/service.h"

struct redis_side {
	struct redis *redis;
	const char *prefix;
	struct arena *arena; /* of one call */
};

/* The functions domain/ is given; side is kept. */
struct nonce_counter redis_nonces(struct redis_side *side);
struct session_copies redis_sessions(struct redis_side *side);
struct rate_limit redis_rates(struct redis_side *side, int64_t rate, int64_t burst);
/* ctx is a struct redis_side. */
void redis_wake_jobs(void *ctx);

#endif
