#include "permissions/capability.h"

#include "base/buf.h"
#include "base/str.h"

#define ROOMS_MAX 256

bool capability_has(const char *list, const char *name)
{
	struct str rest = str_from(list);

	while (rest.n)
		if (str_is(str_split(&rest, ' '), name))
			return true;
	return false;
}

/* A family of rooms: who enters it at all, and which of its rooms. */
static const struct {
	const char *needs, *needs_too; /* NULL: nothing more */
	const char *clear, *masked_but_queues, *masked;
} families[] = {
	{ "presence_panel", NULL, "ext.clear", "ext.mq", "ext.ma" },
	{ "queue_agent", NULL, "q.clear", "q.clear", "q.priv" },
	{ "presence_panel", "presence_panel.trunks", "trk.clear", "trk.priv", "trk.priv" },
	{ "settings", "settings.parkings", "park.clear", "park.priv", "park.priv" },
	{ "qmanager", NULL, "qman", "qman", "qman" },
};

const char *capability_rooms(struct arena *a, const char *list)
{
	bool masked = capability_has(list, "nethvoice_cti.privacy");
	bool sees_queues = capability_has(list, "queue_agent.ad_queue_agent");
	struct buf rooms;

	buf_init(&rooms, ROOMS_MAX);
	buf_add_str(&rooms, "all");
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (!capability_has(list, families[i].needs) ||
			(families[i].needs_too && !capability_has(list, families[i].needs_too)))
			continue;
		buf_printf(&rooms, " %s",
			!masked       ? families[i].clear
			: sees_queues ? families[i].masked_but_queues
				      : families[i].masked);
	}
	const char *text = arena_strndup(a, rooms.p, rooms.n);

	buf_finish(&rooms);
	return text;
}
