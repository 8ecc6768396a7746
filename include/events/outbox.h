/*
 * Events that wait to be told: written in the transaction that made them true, by triggers or by
 * event_add(), taken out by dialtone-jobs.
 */
#ifndef DIALTONE_EVENTS_OUTBOX_H
#define DIALTONE_EVENTS_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "events/event_kind.h"
#include "service/service.h"

/* An event about this account, under the name it has now; without one nothing is added, in the same
 * number of statements.  facts: the struct of its kind, NULL where there is none.  ERR_LIMIT: they are too many. */
MUST_CHECK enum err event_add(
	struct service *s, enum event_id kind, int64_t account_id, const void *facts);

/* Inside a transaction, until its end: no other process takes events.  False in *ret_mine: another one
 * does. */
MUST_CHECK enum err outbox_lock(struct service *s, bool *ret_mine);
/* The oldest ones, in order; an array in the arena. */
MUST_CHECK enum err outbox_list(
	struct service *s, int64_t limit, struct event **ret, size_t *ret_count);
/* Puts an event for each of the next users, at most so many, into the place of each of these events about
 * the users of a profile, and one for the rest if there is one; they themselves stay, to be deleted. */
MUST_CHECK enum err outbox_spread(struct service *s, const int64_t *ids, size_t n, int64_t limit);
MUST_CHECK enum err outbox_delete(struct service *s, const int64_t *ids, size_t n);

#endif
