/*
 * The application of the relay (cti-api parts 2 and 3): who may log in, which channels a client
 * hears, which event goes to whom.
 *
 * It knows Socket.IO and Redis, but no frame and no socket.  A login goes through these steps; any
 * of them may take a while or fail:
 *
 *   arguments -> token's signature -> live session (Redis, else the API) -> channels subscribed and
 *   confirmed -> authe_ok
 *
 * A token of the HMAC login (cti-api 1.15) proves nothing here: the API is asked who it is, and again
 * at every look at the session.
 *
 * Where the client says what it is (uaType), one session a user and type is in use: a login that finds
 * another asks it to give way and waits at most 8 s (cti-api 2.3).
 *
 * Refused: the event 401, then 41, then the end.  Redis or API away: the login waits until the
 * server's deadline.  A client that is logged in is kept through an outage of either.
 */
#ifndef DIALTONE_RELAY_CTI_CTI_H
#define DIALTONE_RELAY_CTI_CTI_H

#include <stddef.h>

#include "relay/cti/client_events.h"
#include "relay/cti/settings.h"

struct cti;

/* The times and numbers of cti-api part 3. The texts, the keys and takeover_ms are not in it. */
extern const struct cti_settings cti_usual;

/* Everything given is kept. Connects to Redis. */
struct cti *cti_new(const struct cti_settings *settings, const struct cti_ports *ports,
	const struct redis_address *redis);
/* Whether it hears Redis and can ask it: before that it can serve nobody. */
bool cti_is_connected(const struct cti *cti);
/* After the last client has gone. Sets *c to NULL. */
void cti_free(struct cti **cti);
void cti_count(const struct cti *cti, struct core_counters *ret);
/* Ends all transports, so many a second, so that the clients come back elsewhere. */
void cti_drain(struct cti *cti, int64_t rate);

/* A client as an operator sees it. */
struct cti_client_info {
	const char *sid; /* its socket id */
	const char *user, *domain, *ua;
	int64_t since; /* seconds since the epoch */
};

/* Tells of the logged-in clients, all or those of a user; the texts are valid during the call. */
void cti_clients(struct cti *cti, const char *user,
	void (*fn)(void *arg, const struct cti_client_info *client), void *arg);
/* Sends a client away: with 41 for good, or it comes back. False: there is none of that id. */
bool cti_kick(struct cti *cti, const char *sid, bool for_good);

#endif
