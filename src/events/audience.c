#include "events/audience.h"

#include <string.h>

/* The user's own copy is clear whatever the rooms they are in: there they are skipped, or a masked copy
 * would follow the clear one. */
static size_t family(
	enum room_family which, const struct event *e, struct receiver ret[AUDIENCE_COPIES_MAX])
{
	const char *const *rooms = room_families[which].rooms;
	size_t n = 0;

	ret[n++] = (struct receiver){ .user = e->username };
	for (enum room_view view = VIEW_CLEAR; view < ROOM_VIEWS; view++)
		if (view == VIEW_CLEAR || strcmp(rooms[view], rooms[view - 1]) != 0)
			ret[n++] = (struct receiver){
				.room = rooms[view], .view = view, .skip_user = e->username
			};
	return n;
}

size_t audience_of(
	enum audience to, const struct event *e, struct receiver ret[AUDIENCE_COPIES_MAX])
{
	switch (to) {
	case AUDIENCE_EXTENSIONS:
		return family(ROOMS_EXTENSIONS, e, ret);
	case AUDIENCE_ALL:
		ret[0] = (struct receiver){ .room = ROOM_ALL };
		return 1;
	case AUDIENCE_ADMINS:
		ret[0] = (struct receiver){ .room = ROOM_ADMINS };
		return 1;
	case AUDIENCE_USER:
		break;
	}
	ret[0] = (struct receiver){ .user = e->username };
	return 1;
}
