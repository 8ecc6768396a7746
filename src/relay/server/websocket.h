/* A session on a WebSocket. */
#ifndef DIALTONE_RELAY_SERVER_WEBSOCKET_H
#define DIALTONE_RELAY_SERVER_WEBSOCKET_H

#include "peer.h"

extern const struct transport websocket_transport;

/* Opens a session. answer: the 101; it is sent with the open packet behind it. */
void websocket_open(struct conn *c, const struct peer_opening *opening, struct buf *answer);
/* The functions of the transport, for a session that came to its WebSocket later. */
void websocket_send(struct peer *peer, struct frame *f);
size_t websocket_waiting(const struct peer *peer);
void websocket_end(struct peer *peer, uint16_t code, enum peer_end how);
void websocket_on_message(struct peer *peer, struct conn *c, bool binary, struct str data);
/* Its connection is going. */
void websocket_on_conn_gone(struct peer *peer, struct conn *c);

#endif
