#include "permissions/capability.h"

#include "base/str.h"

bool capability_has(const char *list, const char *name)
{
	struct str rest = str_from(list);

	while (rest.n)
		if (str_is(str_split(&rest, ' '), name))
			return true;
	return false;
}

static bool enters(const struct room_family_row *family, const char *list)
{
	return capability_has(list, family->needs) &&
	       (!family->needs_too || capability_has(list, family->needs_too));
}

enum room_view capability_view(const char *list)
{
	if (!capability_has(list, "nethvoice_cti.privacy"))
		return VIEW_CLEAR;
	return capability_has(list, "queue_agent.ad_queue_agent") ? VIEW_CLEAR_IN_QUEUES
								  : VIEW_MASKED;
}

const char *capability_rooms(struct arena *a, const char *list)
{
	enum room_view view = capability_view(list);
	const char *text = ROOM_ALL;

	for (size_t i = 0; i < ROOM_FAMILIES; i++)
		if (enters(&room_families[i], list))
			text = arena_printf(a, "%s %s", text, room_families[i].rooms[view]);
	return text;
}
