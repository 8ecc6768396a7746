/* How many sessions an address has. */
#ifndef DIALTONE_RELAY_SERVER_ADDRESS_H
#define DIALTONE_RELAY_SERVER_ADDRESS_H

#include "server_priv.h"

struct address;

bool address_is_full(const struct server *server, struct str address);
/* Of a new session. NULL: the address is unknown, or they are not counted. */
struct address *address_add(struct server *server, struct str address);
/* a may be NULL. */
void address_remove(struct server *server, struct address *a);

#endif
