/*
 * Which web pages may open a connection (realtime section 9).
 *
 * A request without an Origin is not a browser's and is let pass: the login token is the protection,
 * this only keeps other sites from using a visitor's browser.
 */
#ifndef DIALTONE_RELAY_SERVER_ORIGIN_H
#define DIALTONE_RELAY_SERVER_ORIGIN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* allowed: origins separated by commas or spaces, "*" for any, or empty for the same host only.
 * host: the request's Host header. */
bool origin_is_allowed(struct str origin, struct str host, const char *allowed);

/* Header lines that let a page of that origin read the answer; nothing when the settings do not name
 * it. The origin is repeated as it came, also for "*": old clients send credentials, for which
 * browsers accept no star.  Credentials are allowed only to origins that are named. */
void origin_cors_put(struct buf *out, struct str origin, const char *allowed);
/* The further lines of an answer to OPTIONS; asked: the headers the page wants to send. */
void origin_preflight_put(struct buf *out, struct str asked);

#endif
