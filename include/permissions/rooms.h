/*
 * The families of rooms (cti-api 2.10), once for both sides: which of its rooms a client enters, and
 * which copy of an event is published to which of them.
 *
 * A client is in at most one room of a family, so it hears each event once.
 */
#ifndef DIALTONE_PERMISSIONS_ROOMS_H
#define DIALTONE_PERMISSIONS_ROOMS_H

#define ROOM_ALL    "all"      /* every client of the domain */
#define ROOM_ADMINS "accounts" /* the admins of the space alone */

enum room_family {
	ROOMS_EXTENSIONS,
	ROOMS_QUEUES,
	ROOMS_TRUNKS,
	ROOMS_PARKINGS,
	ROOMS_QUEUE_MANAGER,
	ROOM_FAMILIES
};

/* Members of a family: those who see everything, those with the privacy flag who see numbers of
 * queue calls, and those with the flag alone. Rooms may be the same: then there is one copy. */
enum room_view { VIEW_CLEAR, VIEW_CLEAR_IN_QUEUES, VIEW_MASKED, ROOM_VIEWS };

struct room_family_row {
	const char *needs, *needs_too; /* capabilities; NULL: nothing more */
	const char *rooms[ROOM_VIEWS];
};

extern const struct room_family_row room_families[ROOM_FAMILIES];

#endif
