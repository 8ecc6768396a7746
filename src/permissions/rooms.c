#include "permissions/rooms.h"

#include <stddef.h>

const struct room_family_row room_families[ROOM_FAMILIES] = {
	[ROOMS_EXTENSIONS] = { "presence_panel", NULL, { "ext.clear", "ext.mq", "ext.ma" } },
	[ROOMS_QUEUES] = { "queue_agent", NULL, { "q.clear", "q.clear", "q.priv" } },
	[ROOMS_TRUNKS] = { "presence_panel", "presence_panel.trunks",
		{ "trk.clear", "trk.priv", "trk.priv" } },
	[ROOMS_PARKINGS] = { "settings", "settings.parkings",
		{ "park.clear", "park.priv", "park.priv" } },
	[ROOMS_QUEUE_MANAGER] = { "qmanager", NULL, { "qman", "qman", "qman" } },
};
