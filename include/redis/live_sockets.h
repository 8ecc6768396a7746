/*
 * The live sockets of a user: the hash {D}:sess:<U> of cti-api 3.1, socket id -> "relay ua jti since ip
 * seen".  Times are seconds since the epoch; seen is written anew now and then, so that what a relay
 * that died has left behind is told from what is alive.
 *
 * That is too slow where it is counted: clients of a relay that died are back at another one within
 * seconds.  So before one is sent away because there are too many, all are asked whether they live.  ip is
 * "-", or "?sid" while the socket sid has asked; each relay answers by entering its own anew, and what is
 * still marked when the answers must be there is dead.
 */
#ifndef DIALTONE_REDIS_LIVE_SOCKETS_H
#define DIALTONE_REDIS_LIVE_SOCKETS_H

#include "redis/redis.h"

#define LIVE_SOCKETS_LIFE_S "90"

extern const char live_sockets_enter_script[], live_sockets_judge_script[];

/* Arguments for REDIS_COMMAND(); entry_ is without seen.  Enters a socket or says that it is still
 * there, and forgets what has not been seen for long.  The reply is empty, or when there are more than
 * max_ (decimal; "": any number may be) a list of all others, relay and sid in turn, marked as asked. */
#define LIVE_SOCKETS_ENTER(key_, sid_, entry_, max_)                                          \
	STR("EVAL"), str_from(live_sockets_enter_script), STR("1"), key_, sid_, entry_, max_, \
		STR(LIVE_SOCKETS_LIFE_S)

/* What sid_ has asked and has not answered is forgotten.  What another has asked since does not count: it
 * will judge.  The reply is a list, relay and sid in turn, of the oldest: as many as have answered or come
 * since beyond max_. */
#define LIVE_SOCKETS_JUDGE(key_, sid_, max_) \
	STR("EVAL"), str_from(live_sockets_judge_script), STR("1"), key_, sid_, max_

#endif
