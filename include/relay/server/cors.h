/*
 * Which pages may open a connection and read an answer (realtime section 9).
 *
 * A request without an Origin is not a browser's and is let pass: the login token is the protection,
 * this only keeps other sites from using a visitor's browser.
 */
#ifndef DIALTONE_RELAY_SERVER_CORS_H
#define DIALTONE_RELAY_SERVER_CORS_H

#include <stdbool.h>

#include "base/buf.h"
#include "relay/server/settings.h"
#include "relay/ws/http_head.h"

/* The server's own origin, or one that allowed_origins lists. */
bool cors_is_allowed(const struct http_head *head, const struct server_settings *s);
/* Header lines that let the page read the answer; nothing when the settings do not list its origin.
 * It is repeated as it came, also for "*": old clients send credentials, for which browsers accept no
 * star.  Credentials are allowed only to origins that are named. */
void cors_put(struct buf *out, const struct http_head *head, const struct server_settings *s);
/* The further lines of an answer to OPTIONS. */
void cors_preflight_put(
	struct buf *out, const struct http_head *head, const struct server_settings *s);

#endif
