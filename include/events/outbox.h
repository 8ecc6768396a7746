/*
 * Events that wait to be published: written with the fact they tell of, taken out by dialtone-jobs.
 */
#ifndef DIALTONE_EVENTS_OUTBOX_H
#define DIALTONE_EVENTS_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "service/service.h"

struct outbox_event {
	int64_t id;
	const char *channel; /* without the prefix */
	const char *event;   /* of a control message: its operation, "revoke", "rebind" or "perm" */
	const char *payload; /* the finished Socket.IO array; NULL: a control message */
	const char *skip_user; /* does not hear it from this channel; NULL: nobody */
	/* Of a control message: revoke: the ids that ended, separated by blanks; rebind: the old and
	 * the new one. */
	const char *sessions;
	/* perm: of this user; of a group: of those above him. Else 0. */
	int64_t account_id;
	bool is_group; /* perm: of all users of a profile, to be spread */
	int64_t created_at;
};

/* Tells relays to look at what this user may still do. */
MUST_CHECK enum err outbox_store_tell_user(struct service *s, int64_t account_id);

/* Inside a transaction, until its end: nobody else takes events.  False in *ret_mine: somebody
 * else is at it. */
MUST_CHECK enum err outbox_store_lock(struct service *s, bool *ret_mine);
/* The oldest ones, in order; an array in the arena. */
MUST_CHECK enum err outbox_store_list(
	struct service *s, int64_t limit, struct outbox_event **ret, size_t *ret_count);
/* Puts rows for the next users into the place of each of these groups, at most so many, and a row for
 * the rest if there is one; the groups' own rows stay to be deleted. */
MUST_CHECK enum err outbox_store_spread(
	struct service *s, const int64_t *ids, size_t n, int64_t limit);
MUST_CHECK enum err outbox_store_delete(struct service *s, const int64_t *ids, size_t n);

#endif
