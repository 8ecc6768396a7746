/*
 * The event login. Its steps, any of which may take a while or fail:
 *
 *   credentials -> live session (Redis, else the API) -> channels subscribed and confirmed -> claim to be
 *   the client in use, of its user and type -> authe_ok
 *
 * A token of the HMAC login (cti-api 1.15) proves nothing here: the API is asked whose it is, and again
 * at every look at the client.
 *
 * Refused: the event 401, then 41, then the end.  Redis or API away: the login waits until the server's
 * deadline.  A client that is logged in is kept through an outage of either.
 */
#ifndef DIALTONE_RELAY_CTI_LOGIN_H
#define DIALTONE_RELAY_CTI_LOGIN_H

#include "base/arena.h"
#include "relay/core/core.h"
#include "claim.h"
#include "credentials.h"

extern const struct core_listener login_listener;

/* A login on its way; it may outlive its client while an answer is awaited. */
struct cti_login {
	struct core *core;
	struct cti_client *client; /* NULL: the client is gone */
	struct list waiting;       /* for Redis */
	struct deadline timer;     /* until the API is asked again */
	struct arena *arena;       /* token, claims and answers */
	bool asked;                /* an answer is awaited */
	bool confirmed;            /* the channels were, when the session was looked up */
	struct credentials shown;
	struct claim claim; /* to be the client in use */
};

void login_begin(struct cti_client *c, struct str args);
/* It is given up. */
void login_abandon(struct cti_login *l);
/* It goes on with the token that replaces its own. */
void login_rebind(struct cti_login *l, const char *jti);
void login_on_retry(struct deadline *d, int64_t now_ms);

#endif
