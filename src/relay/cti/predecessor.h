/*
 * The session that gives way to a login (cti-api 3.6): it may have sockets on any relay, and each relay
 * hears what concerns its own on its own channel.  Which they are, the list of live sockets says.
 */
#ifndef DIALTONE_RELAY_CTI_PREDECESSOR_H
#define DIALTONE_RELAY_CTI_PREDECESSOR_H

#include "claim.h"

/* Its sockets hear that they are replaced, unless they have heard it before. */
void predecessor_tell(const struct claim *claim);
/* The same, and they are sent away if they are still there some time later. */
void predecessor_evict(const struct claim *claim);

#endif
