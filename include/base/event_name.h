/*
 * Names that no event may have: Socket.IO clients raise them themselves, and a packet with one of them
 * makes them close the connection (realtime section 14).
 *
 * Producers and relays both refuse them, and neither knows the other: hence here.
 */
#ifndef DIALTONE_BASE_EVENT_NAME_H
#define DIALTONE_BASE_EVENT_NAME_H

#include <stdbool.h>

bool event_name_is_reserved(const char *name);

#endif
