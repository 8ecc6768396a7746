/*
 * The channels a process listens to, on one connection (cti-api 3.4).
 *
 * A subscription is embedded in the object it is for.  It is confirmed once Redis has said so, and
 * again after each reconnect, when all of them are subscribed anew by themselves; in between nothing
 * arrives, and pub/sub has no history.
 */
#ifndef DIALTONE_REDIS_SUBSCRIBER_H
#define DIALTONE_REDIS_SUBSCRIBER_H

#include "redis/pipeline.h"

struct subscriber;

struct subscription {
	uint64_t op; /* the command that subscribed it, counted from 1; 0: not sent yet */
	bool confirmed;
	uint16_t name_n;
	const char *name; /* kept from the caller, without prefix conventions: Redis's own name */
};

struct subscriber_owner {
	void (*watch)(void *arg, int fd, bool output); /* as in pipeline_owner */
	void (*on_confirmed)(void *arg, struct subscription *s);
	void (*on_message)(void *arg, struct subscription *s, struct str message);
	/* The connection is lost: nothing is confirmed any more. */
	void (*on_down)(void *arg);
	/* What was published before subscriber_echo() has been delivered. NULL: it is not called. */
	void (*on_echo)(void *arg, uint64_t number);
	void *arg;
};

/* As with pipeline_new(). */
struct subscriber *subscriber_new(
	const struct redis_address *address, const struct subscriber_owner *owner);
/* The subscriptions stay their owners'. Sets *s to NULL. */
void subscriber_free(struct subscriber **s);
/* For running and watching it. */
struct pipeline *subscriber_pipeline(struct subscriber *s);

/* Subscribes. name is kept until the removal and not subscribed yet. */
void subscriber_add(struct subscriber *s, struct subscription *sub, struct str name);
void subscriber_remove(struct subscriber *s, struct subscription *sub);
/* Asks for on_echo(number), behind all messages that Redis has sent before. It does not come when the
 * connection is lost: on_down does.  ERR_UNAVAILABLE: there is none. */
MUST_CHECK enum err subscriber_echo(struct subscriber *s, uint64_t number);
/* NULL when there is no such subscription. */
struct subscription *subscriber_find(struct subscriber *s, struct str name);

#endif
