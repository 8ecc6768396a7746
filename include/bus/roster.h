/*
 * The live sockets of a user: the hash {D}:sess:<U> of cti-api 3.1, socket id -> "relay ua jti since ip
 * seen".  Times are seconds since the epoch; seen is written anew now and then, so that what a relay
 * that died has left behind is told from what is alive.
 */
#ifndef DIALTONE_BUS_ROSTER_H
#define DIALTONE_BUS_ROSTER_H

#include "bus/redis.h"

#define ROSTER_LIFE_S "90"

extern const char roster_enter_script[];

/* Arguments for REDIS_COMMAND(); entry_ is without seen.  Enters a socket or says that it is still
 * there, and forgets the dead.  The reply is the oldest of the others when there are more than max_
 * (decimal), else an empty text. */
#define ROSTER_ENTER(key_, sid_, entry_, max_)                                          \
	STR("EVAL"), str_from(roster_enter_script), STR("1"), key_, sid_, entry_, max_, \
		STR(ROSTER_LIFE_S)

#endif
