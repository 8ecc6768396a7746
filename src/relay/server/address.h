/*
 * What each network of clients has: sessions, and a bucket of handshakes.
 *
 * One is remembered while it has sessions, and until its bucket would be full anyway; only a handshake
 * that is let in makes one, so their number is bounded by the rate of all handshakes.
 */
#ifndef DIALTONE_RELAY_SERVER_ADDRESS_H
#define DIALTONE_RELAY_SERVER_ADDRESS_H

#include "server_priv.h"

struct address;

/* Whether a network may open one more session: REASON_COUNT, or why not. */
enum reason address_refusal(const struct server *server, const char *network);
/* Counts a new session and its handshake. NULL: the network is unknown. */
struct address *address_add(struct server *server, const char *network);
/* a may be NULL, here and below. */
void address_remove(struct server *server, struct address *a);
/* One of its sessions has to log in, or has done so or gone. */
void address_count_stranger(struct address *a, int change);
/* "" when it is unknown. */
const char *address_network(const struct address *a);
void address_on_rest(struct deadline *d, int64_t now_ms);
void addresses_free(struct server *server);

#endif
