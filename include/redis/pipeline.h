/*
 * An asynchronous connection to Redis: commands go out in order, replies come back to their callers.
 *
 * It keeps itself connected to the master (back-off 100 ms doubling to 2 s, with jitter; sentinels are
 * asked each time, where there are some), logs in and selects the database.  It leaves a server that
 * is silent, has become a replica or is loading.  It has no loop of its own: the caller watches a
 * descriptor and runs a queue of deadlines for it.  Nothing here waits.
 *
 * Commands in flight when the connection is lost are answered with NULL and not repeated.
 */
#ifndef DIALTONE_REDIS_PIPELINE_H
#define DIALTONE_REDIS_PIPELINE_H

#include <stdbool.h>

#include "base/deadline.h"
#include "redis/redis.h"

struct pipeline;

/* reply: NULL when the connection was lost or Redis refused the command; borrowed. */
typedef void pipeline_reply_fn(void *arg, const struct redis_reply *reply);

/* What the owner does for it. */
struct pipeline_owner {
	/* Watch fd for input, and for output when asked; fd -1: stop, it is about to be closed. */
	void (*watch)(void *arg, int fd, bool output);
	/* Commands are taken from now on; or no longer. */
	void (*on_up)(void *arg);
	void (*on_down)(void *arg);
	/* Every reply comes here instead: for a connection that subscribes. NULL: the ordinary way. */
	pipeline_reply_fn *on_push;
	void *arg;
};

/* The address's texts and owner are kept. Nothing happens before pipeline_start(). */
struct pipeline *pipeline_new(
	const struct redis_address *address, const struct pipeline_owner *owner);
/* Answers what is in flight with NULL. Sets *p to NULL. */
void pipeline_free(struct pipeline **p);

/* To be run by the owner's loop from now on. */
struct deadline_queue *pipeline_deadlines(struct pipeline *p);
void pipeline_start(struct pipeline *p);
/* Ends the connection, until it is started again. What is in flight is answered with NULL. */
void pipeline_stop(struct pipeline *p);
/* Connects anew: to the server the leader is connected to, and to no other until it follows again. */
void pipeline_follow(struct pipeline *p, const struct pipeline *leader);
/* The descriptor is ready. */
void pipeline_on_ready(struct pipeline *p, bool input, bool output);
bool pipeline_is_up(const struct pipeline *p);

/* Sends a command. ERR_UNAVAILABLE: the connection is down, or too much is in flight; fn is not
 * called then. fn may be NULL. */
MUST_CHECK enum err pipeline_send(
	struct pipeline *p, struct redis_command command, pipeline_reply_fn *fn, void *arg);

#endif
