/* What becomes visible of a refusal, besides its answer. */
#ifndef DIALTONE_RELAY_SERVER_REFUSED_H
#define DIALTONE_RELAY_SERVER_REFUSED_H

#include "server_priv.h"

/* Counts it and logs one a second of each reason. network: of the client, "" when it is unknown. */
void refused_note(struct server *server, enum reason reason, const char *network);

#endif
