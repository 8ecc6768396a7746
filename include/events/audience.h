/*
 * Who hears an event: users and rooms, by what they may see.
 *
 * It knows names, not channels: those are the publisher's.
 */
#ifndef DIALTONE_EVENTS_AUDIENCE_H
#define DIALTONE_EVENTS_AUDIENCE_H

#include <stddef.h>

#include "events/event.h"
#include "permissions/rooms.h"

enum audience {
	AUDIENCE_USER,       /* the user it is about */
	AUDIENCE_ALL,        /* everyone in the domain */
	AUDIENCE_ADMINS,     /* the admins of the space */
	AUDIENCE_EXTENSIONS, /* the user, and those who watch extensions: as clear as each may see it */
};

/* One copy of the event. */
struct receiver {
	const char *user, *room; /* one of them */
	enum room_view view;     /* what of it they may see */
	const char *skip_user;   /* hears another copy; NULL: no one */
};

#define AUDIENCE_COPIES_MAX (1 + ROOM_VIEWS)

/* The copies, in the order they are published; returns how many. */
size_t audience_of(
	enum audience to, const struct event *e, struct receiver ret[AUDIENCE_COPIES_MAX]);

#endif
