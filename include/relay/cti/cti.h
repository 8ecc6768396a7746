/*
 * The application of the relay (cti-api parts 2 and 3): which clients may log in, which channels they
 * hear, which event goes to which of them.
 *
 * It knows Socket.IO and Redis, but no frame and no socket.  The clients and channels are relay/core's;
 * each feature here (login, takeover, catch_up, gap ...) is told of what becomes of them and keeps the
 * rest to itself.
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
/* Whether it hears Redis and can ask it: before that it can serve no client. */
bool cti_is_connected(const struct cti *cti);
/* After the last client has gone. Sets *cti to NULL. */
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
