/*
 * Which socket of a user and client type is the one in use: the hash {D}:own:<U>:<ua> of cti-api 3.1,
 * changed by scripts only, so that any number of relays agree (cti-api 2.3 and 3.6).
 *
 *   relay, sid, jti                     the owner
 *   pend_relay, pend_sid, pend_jti      the one that waits to become it: the session's newest socket
 *   pend_until                          until when, in milliseconds of Redis
 *
 * The macros make arguments for REDIS_COMMAND(); me_ is "relay, sid" as two arguments.  Scripts go as
 * text each time: Redis keeps them compiled by their content, and nothing has to be loaded again
 * after a fail-over.
 */
#ifndef DIALTONE_REDIS_OWNER_H
#define DIALTONE_REDIS_OWNER_H

#include "redis/redis.h"

struct owner_claim {
	bool granted;               /* else: wait at most wait_ms for the owner, then commit */
	struct str relay, sid, jti; /* the owner, when not granted */
	int64_t wait_ms;
	/* The socket that waited until now and no longer does; empty: none. */
	struct str displaced_relay, displaced_sid;
};

extern const char owner_claim_script[], owner_commit_script[], owner_refresh_script[],
	owner_release_script[];

/* Becomes the owner, or the socket that waits. wait_: milliseconds, decimal. */
#define OWNER_CLAIM(key_, relay_, sid_, jti_, wait_)                                          \
	STR("EVAL"), str_from(owner_claim_script), STR("1"), key_, relay_, sid_, jti_, wait_, \
		STR(OWNER_LIFE_MS)
/* The socket that waits becomes the owner; so does another socket of its session. Integer 1: done;
 * 0: another session waits; 2: none waits and another has it: to be claimed again. */
#define OWNER_COMMIT(key_, relay_, sid_, jti_)                                          \
	STR("EVAL"), str_from(owner_commit_script), STR("1"), key_, relay_, sid_, jti_, \
		STR(OWNER_LIFE_MS)
/* An owner says that it is alive; it gets back what Redis has forgotten. */
#define OWNER_REFRESH(key_, relay_, sid_, jti_)                                          \
	STR("EVAL"), str_from(owner_refresh_script), STR("1"), key_, relay_, sid_, jti_, \
		STR(OWNER_LIFE_MS)
/* Neither owner nor waiting any more; harmless for a socket that is neither. Another one of the session
 * and client type that the list of live sockets (redis/live_sockets.h) knows becomes the owner instead. */
#define OWNER_RELEASE(key_, roster_, relay_, sid_, ua_) \
	STR("EVAL"), str_from(owner_release_script), STR("2"), key_, roster_, relay_, sid_, ua_

#define OWNER_LIFE_MS "90000"

/* Texts are borrowed from the reply. */
MUST_CHECK enum err owner_claim_parse(const struct redis_reply *reply, struct owner_claim *ret);

#endif
