/* Replay counters and buckets of requests in Redis.  All of it may be lost. */
#ifndef DIALTONE_IDENTITY_REDIS_H
#define DIALTONE_IDENTITY_REDIS_H

#include "redis/side.h"
#include "service/service.h"

/* side is kept. */
struct nonce_counter nonce_counter_in(struct redis_side *side);
/* limit: all but how it is taken. */
struct rate_limit rate_limit_in(struct redis_side *side, struct rate_limit limit);

#endif
