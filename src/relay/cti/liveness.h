/* What Redis knows of a live client, kept alive; is its session still alive itself? */
#ifndef DIALTONE_RELAY_CTI_LIVENESS_H
#define DIALTONE_RELAY_CTI_LIVENESS_H

#include "base/buf.h"
#include "relay/core/core.h"

extern const struct core_listener liveness_listener;

/* The key of the user's live sockets. */
void liveness_put_key(struct buf *ret_key, const struct cti_client *c);
/* Says in Redis that the client is live, and counts nothing. */
void liveness_answer(struct cti_client *c);

#endif
