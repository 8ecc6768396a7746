/* The copies of live sessions in Redis, which relays read. */
#ifndef DIALTONE_RESOURCES_SESSIONS_COPIES_H
#define DIALTONE_RESOURCES_SESSIONS_COPIES_H

#include "redis/side.h"
#include "service/service.h"

/* side is kept. */
struct session_copies session_copies_in(struct redis_side *side);

#endif
