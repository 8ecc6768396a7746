/*
 * From an event of events/ to the commands that tell it to relays: every copy for every audience, rendered, in
 * order, each by the script of redis/publisher.h, which keeps the state that goes with it.
 *
 * It sends nothing itself: dialtone-jobs collects the commands of a batch and waits for Redis, dialtone-pbx
 * does not wait.
 */
#ifndef DIALTONE_PUBLISHING_PUBLISHING_H
#define DIALTONE_PUBLISHING_PUBLISHING_H

#include "events/event_kind.h"
#include "redis/message.h"
#include "redis/redis.h"

struct publishing {
	const char *prefix;  /* the setting redis_prefix */
	struct arena *arena; /* of the commands */
	/* Takes the next command; an error ends the event.  room: the channel of the room it is for, p NULL: it
	 * is for a user. */
	enum err (*take)(void *ctx, struct redis_command command, struct str room);
	void *ctx;
};

/* Every copy of the event for every audience of its kind, counted (redis/publisher.h); facts: the struct of its
 * kind.  ERR_LIMIT: it is too large for a relay; copies before that one are taken. */
MUST_CHECK enum err publish_event(const struct publishing *p, const struct event_kind *kind,
	const struct event *e, const void *facts);
/* A control message about the event's user, to the relays of the domain, counted as well: one that missed it
 * looks at its sessions. ERR_LIMIT: no relay would take the header. */
MUST_CHECK enum err publish_control(
	const struct publishing *p, const struct event *e, const struct message *m);
/* One about the event, with its time and number. */
struct message control_about(const struct event *e, enum message_op op, struct arena *arena);

#endif
