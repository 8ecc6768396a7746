/*
 * Asks dialtone-api whether a session is alive: GET /internal/session over FastCGI on its unix socket,
 * for the case that Redis has forgotten the session.
 *
 * A few questions are on their way at a time, the others wait in line: after a Redis flush all clients
 * come at once.  Nothing here waits.
 */
#ifndef DIALTONE_RELAY_UPSTREAM_SESSION_API_H
#define DIALTONE_RELAY_UPSTREAM_SESSION_API_H

#include "relay/net/loop.h"
#include "relay/upstream/session_answer.h"

struct session_api;

/* loop and path are kept. */
struct session_api *session_api_new(struct loop *loop, const char *path);
/* Answers what is open with SESSION_UNKNOWN. Sets *a to NULL. */
void session_api_free(struct session_api **a);
/* authorization: the value of that header. The texts are copied. fn is called once, never from within this call. */
void session_api_ask(struct session_api *a, struct str authorization, struct str host,
	session_answer_fn *fn, void *arg);

#endif
