/*
 * The live sockets of a user: the hash {D}:sess:<U> of cti-api 3.1, socket id -> "relay ua jti since ip
 * seen".  Times are seconds since the epoch; seen is written anew now and then, so that what a relay
 * that died has left behind is told from what is alive.
 */
#ifndef DIALTONE_REDIS_LIVE_SOCKETS_H
#define DIALTONE_REDIS_LIVE_SOCKETS_H

#include "redis/redis.h"

#define LIVE_SOCKETS_LIFE_S "90"

extern const char live_sockets_enter_script[];

/* Arguments for REDIS_COMMAND(); entry_ is without seen.  Enters a socket or says that it is still
 * there, and forgets the dead.  The reply is the oldest of the others, "relay sid", when there are more
 * than max_ (decimal), else an empty text. */
#define LIVE_SOCKETS_ENTER(key_, sid_, entry_, max_)                                          \
	STR("EVAL"), str_from(live_sockets_enter_script), STR("1"), key_, sid_, entry_, max_, \
		STR(LIVE_SOCKETS_LIFE_S)

#endif
