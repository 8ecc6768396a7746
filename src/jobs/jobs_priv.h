/* Shared by what turns events into commands for Redis. */
#ifndef DIALTONE_JOBS_JOBS_PRIV_H
#define DIALTONE_JOBS_JOBS_PRIV_H

#include "redis/message.h"
#include "jobs/cleanup.h"
#include "jobs/outbox.h"
#include "events/outbox.h"

#define BATCH_MAX 64

/* publish.c: commands that go to Redis together, in order. Zero but for the first three at the start. */
struct batch {
	struct redis *redis;
	const char *prefix;  /* the setting redis_prefix */
	struct arena *arena; /* of the commands, too */
	size_t n;
	struct redis_command commands[BATCH_MAX];
};

/* Sends what waits when the batch is full. */
MUST_CHECK enum err batch_add(struct batch *b, struct redis_command command);
MUST_CHECK enum err batch_flush(struct batch *b);
/* Every copy of the event for every audience of its kind, counted (redis/publisher.h). ERR_INVALID: its
 * facts are not those of its kind. ERR_LIMIT: it is too large for a relay; copies before that one are told. */
MUST_CHECK enum err publish_to_clients(
	struct batch *b, const struct event_kind *kind, const struct event *e);
/* A control message about the event's user, to the relays of the domain, counted as well: one that missed it
 * looks at its sessions. ERR_LIMIT: no relay would take the header. */
MUST_CHECK enum err publish_control(
	struct batch *b, const struct event *e, const struct message *m);

/* A control message about the event, with its time and number. */
struct message control_about(const struct event *e, enum message_op op, struct arena *arena);
/* Words with spaces between them, in the arena. */
struct message_list words_of(const char *text, struct arena *arena);

/* session_copies.c: events about what a user may do. */
struct permission_list {
	struct account_permissions *list;
	size_t n;
};

/* What holds now for these accounts. */
MUST_CHECK enum err permissions_load(
	struct service *s, const int64_t *account_ids, size_t n, struct permission_list *ret);
/* Changes the copies of the user's sessions, then tells relays. */
MUST_CHECK enum err permissions_tell(
	struct batch *b, const struct permission_list *p, const struct event *e);

/* store.c: what has expired, removed a part at a time. */
#define CLEANUP_AT_ONCE 10000 /* rows */

/* *ret_removed == CLEANUP_AT_ONCE: there may be more. */
MUST_CHECK enum err cleanup_store_run(struct service *s, enum cleanup what,
	const struct cleanup_plan *plan, int64_t *ret_removed);

/* store_refresh.c: false, when there was nothing to do. */
MUST_CHECK enum err refresh_store_some(struct service *s, bool *ret_worked);

#endif
