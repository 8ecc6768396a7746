/*
 * Names that no event may have: Socket.IO clients raise them themselves, and a packet with one of them
 * makes them close the connection (realtime section 14).
 *
 * Producers and relays both refuse them, and neither knows the other: hence here.
 *
 * Two more kinds of names are the relays' concern.  Some events make a client act (dial, answer, open an
 * address): they come on the control channel of a domain, where only our own programs may publish
 * (cti-api 3.1).  And some only a relay itself sends.
 */
#ifndef DIALTONE_BASE_EVENT_NAME_H
#define DIALTONE_BASE_EVENT_NAME_H

#include <stdbool.h>

bool event_name_is_reserved(const char *name);
bool event_name_acts(const char *name);
bool event_name_is_of_relays(const char *name);

#endif
