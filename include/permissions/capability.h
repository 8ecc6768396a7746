/*
 * What a user's profile allows (cti-api 2.10, 4.2): capabilities are names, "macro" or
 * "macro.permission", kept as one text with spaces between them.
 */
#ifndef DIALTONE_PERMISSIONS_CAPABILITY_H
#define DIALTONE_PERMISSIONS_CAPABILITY_H

#include <stdbool.h>

#include "base/arena.h"
#include "permissions/rooms.h"

/* list NULL: none. */
bool capability_has(const char *list, const char *name);
/* How clear a user with these sees the numbers of others. */
enum room_view capability_view(const char *list);
/* The rooms of live events that a user with these may enter, with spaces between them; what the user
 * may not see in clear comes from the room with the masked copy. */
const char *capability_rooms(struct arena *a, const char *list);

#endif
