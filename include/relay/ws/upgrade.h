/*
 * The WebSocket opening handshake, server side (RFC 6455 section 4.2): is this request an upgrade,
 * and what is the answer.  No subprotocol and no extension is ever agreed to.
 */
#ifndef DIALTONE_RELAY_WS_UPGRADE_H
#define DIALTONE_RELAY_WS_UPGRADE_H

#include <stdbool.h>

#include "base/buf.h"
#include "relay/ws/http_head.h"

/* Whether the client asks for a WebSocket at all ("Upgrade: websocket", "Connection: Upgrade"). */
bool upgrade_is_asked(const struct http_head *head);
/* Whether the rest of the handshake is right: GET, HTTP/1.1, a host, version 13, a key of 16
 * bytes. */
bool upgrade_is_valid(const struct http_head *head);
/* Appends the 101 answer. The upgrade is valid. lines: more headers, each with its CRLF, or NULL. */
void upgrade_answer_put(struct buf *out, const struct http_head *head, const char *lines);

#endif
