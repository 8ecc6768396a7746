/*
 * The session that gives way to a login (cti-api 3.6): it may have sockets on any relay, and each relay
 * hears what concerns its own on its own channel.  Which they are, the list of live sockets says.
 */
#ifndef DIALTONE_RELAY_CTI_PREDECESSOR_H
#define DIALTONE_RELAY_CTI_PREDECESSOR_H

#include "relay/core/core.h"

/* As Redis knows it: the socket that owns the place, and its session. */
struct predecessor {
	const char *jti, *relay, *sid;
};

/* Its sockets, of the client type of c, hear that they are replaced, unless they have heard it before. */
void predecessor_tell(const struct cti_client *c, const struct predecessor *old);
/* The same, and they are sent away if they are still there some time later. */
void predecessor_evict(const struct cti_client *c, const struct predecessor *old);

#endif
