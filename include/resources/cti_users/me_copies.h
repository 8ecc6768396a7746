/* The copies of GET /api/user/me in Redis, which answer while PostgreSQL is away. */
#ifndef DIALTONE_RESOURCES_CTI_USERS_ME_COPIES_H
#define DIALTONE_RESOURCES_CTI_USERS_ME_COPIES_H

#include "redis/side.h"
#include "service/service.h"

/* side is kept. */
struct me_copies me_copies_in(struct redis_side *side);

#endif
