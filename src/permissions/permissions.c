#include "permissions/permissions.h"

#include "permissions/capability.h"
#include "permissions/relay_capability.h"
#include "permissions/rooms.h"

static const char *known_to_relays(const char *list, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < RELAY_CAPABILITY_COUNT; i++)
		if (capability_has(list, relay_capability_names[i]))
			text = arena_printf(
				arena, "%s%s%s", text, *text ? " " : "", relay_capability_names[i]);
	return text;
}

static const char *rooms_of(const struct profile_grants *grants, struct arena *arena)
{
	const char *rooms = capability_rooms(arena, grants->capabilities);

	return grants->admin ? arena_printf(arena, "%s " ROOM_ADMINS, rooms) : rooms;
}

struct permissions permissions_of_profile(const struct profile_grants *grants, struct arena *arena)
{
	return (struct permissions){ .rooms = rooms_of(grants, arena),
		.extensions = grants->extensions,
		.capabilities = known_to_relays(grants->capabilities, arena),
		.version = grants->read_at,
		.ends_at = grants->must_enrol_at };
}

int64_t permissions_end(const struct permissions *r, int64_t session_ends_at)
{
	return r->ends_at && r->ends_at < session_ends_at ? r->ends_at : session_ends_at;
}
