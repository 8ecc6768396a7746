/*
 * The tokens of the HMAC login in Redis: gone with it, by design (domain/legacy_session.h).
 */
#ifndef DIALTONE_APID_LEGACY_H
#define DIALTONE_APID_LEGACY_H

#include "apid_redis.h"

/* The functions domain/ is given; side is kept. */
struct legacy_tokens redis_legacy_tokens(struct redis_side *side);

#endif
