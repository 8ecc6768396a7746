/* Shared by what turns events into commands for Redis. */
#ifndef DIALTONE_JOBS_JOBS_PRIV_H
#define DIALTONE_JOBS_JOBS_PRIV_H

#include "publishing/publishing.h"
#include "jobs/cleanup.h"
#include "jobs/refresh.h"
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
/* As publish_event(), of the facts that the event has with it.  ERR_INVALID: they are not those of its kind. */
MUST_CHECK enum err batch_event(
	struct batch *b, const struct event_kind *kind, const struct event *e);
/* The same with facts of its kind. */
MUST_CHECK enum err batch_event_with(
	struct batch *b, const struct event_kind *kind, const struct event *e, const void *facts);
/* As publish_control(). */
MUST_CHECK enum err batch_control(struct batch *b, const struct event *e, const struct message *m);

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
/* NULL: the account is gone. */
const struct account_permissions *permissions_find(
	const struct permission_list *p, int64_t account_id);
/* Changes the copies of the user's sessions, then tells relays. */
MUST_CHECK enum err permissions_tell(
	struct batch *b, const struct permission_list *p, const struct event *e);

/* main_presence.c: whether it is about what a user has chosen to be now. */
bool main_presence_is_concerned(const struct event *e, struct arena *arena);
/* Tells the main presence that follows from it, when it is another one. */
MUST_CHECK enum err main_presence_tell(
	struct batch *b, const struct permission_list *p, const struct event *e);

/* store.c: what has expired, removed a part at a time. */
#define CLEANUP_AT_ONCE 10000 /* rows */

/* *ret_removed == CLEANUP_AT_ONCE: there may be more. */
MUST_CHECK enum err cleanup_store_run(struct service *s, enum cleanup what,
	const struct cleanup_plan *plan, int64_t *ret_removed);

/* store_refresh.c: false, when there was nothing to do. */
MUST_CHECK enum err refresh_store_some(struct service *s, enum refresh_of of, bool *ret_worked);

#endif
