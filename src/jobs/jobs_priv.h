/* Shared by what turns rows of the outbox into commands for Redis. */
#ifndef DIALTONE_JOBS_JOBS_PRIV_H
#define DIALTONE_JOBS_JOBS_PRIV_H

#include "redis/message.h"
#include "jobs/cleanup.h"
#include "jobs/outbox.h"
#include "resources/cti_users/fields.h"
#include "events/outbox.h"

#define BATCH_MAX 64

/* batch.c: commands that go to Redis together, in order. Zero but for the first two at the start. */
struct batch {
	struct redis *redis;
	struct arena *arena; /* of the commands, too */
	size_t n;
	struct redis_command commands[BATCH_MAX];
};

/* Sends what waits when the batch is full. */
MUST_CHECK enum err batch_add(struct batch *b, struct redis_command command);
MUST_CHECK enum err batch_flush(struct batch *b);
/* PUBLISH of a control message: these are not counted, whoever missed one finds out by looking.
 * channel is without the prefix. ERR_LIMIT: no relay would take the header. */
MUST_CHECK enum err batch_publish(
	struct batch *b, const char *prefix, const char *channel, const struct message *m);

/* When it was said, and the event's number as its id, in the arena. */
void message_stamp(struct message *m, const struct outbox_event *event, struct arena *arena);
/* Words with blanks between them, in the arena. */
struct message_list words_of(const char *text, struct arena *arena);
/* The domain of the channel "{domain}:u:alice". */
const char *channel_domain(const char *channel, struct arena *arena);

/* permission.c: rows about what a user may do. */
struct permission_list {
	struct account_permissions *list;
	size_t n;
};

/* What holds now for the users of these events. */
MUST_CHECK enum err permissions_load(
	struct outbox *o, const struct outbox_event *events, size_t n, struct permission_list *ret);
/* Changes the copies of the user's sessions, then tells relays. */
MUST_CHECK enum err permissions_tell(const struct permission_list *p, struct outbox *o,
	const struct outbox_event *event, struct batch *b);

/* store.c: what has expired, removed a part at a time. */
#define CLEANUP_AT_ONCE 10000 /* rows */

/* *ret_removed == CLEANUP_AT_ONCE: there may be more. */
MUST_CHECK enum err cleanup_store_run(struct service *s, enum cleanup what, int64_t *ret_removed);

#endif
