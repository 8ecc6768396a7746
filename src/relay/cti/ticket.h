/* A question about a client that may be gone, or have another token, when the answer comes. */
#ifndef DIALTONE_RELAY_CTI_TICKET_H
#define DIALTONE_RELAY_CTI_TICKET_H

#include "relay/core/client.h"

struct ticket {
	struct core *core;
	char sid[SIO_ID_SIZE];
	char jti[CLIENT_JTI_MAX + 1];
};

/* To be freed with free(). */
struct ticket *ticket_new(const struct cti_client *c);
/* The client, if it is live and still belongs to the same token; else NULL. */
struct cti_client *ticket_client(const struct ticket *t);

#endif
