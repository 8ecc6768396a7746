/* What the files of bus/ share: a look behind struct redis, and replies as hiredis reads them. */
#ifndef DIALTONE_BUS_PRIV_H
#define DIALTONE_BUS_PRIV_H

#include <hiredis/hiredis.h>

#include "bus/redis.h"

/* -1: not connected. */
int redis_fd(const struct redis *r);
void redis_drop(struct redis *r);

/* For both kinds of connection. Errors become REDIS_NIL: look at from->type first. */
void redis_reply_copy(const redisReply *from, struct arena *arena, struct redis_reply *to);

#endif
