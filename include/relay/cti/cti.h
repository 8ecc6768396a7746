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

#include "redis/pipeline.h"
#include "crypto/keyring.h"
#include "relay/sio/sio.h"
#include "relay/upstream/session_answer.h"

struct cti;

struct cti_settings {
	const char *prefix; /* the setting redis_prefix */
	const struct keyring *keys;
	const char *relay;    /* this relay's id, its name in Redis */
	uint32_t linger_ms;   /* a channel without members stays subscribed this long */
	uint32_t check_ms;    /* a live session is looked at this often */
	uint32_t retry_ms;    /* until the API is asked again */
	uint32_t takeover_ms; /* a newcomer waits for its predecessor */
	uint32_t evict_ms;    /* a predecessor may stay */
	uint32_t resync_ms;   /* over which clients that missed something are spread */
	uint32_t beat_ms;     /* between signs of life */
	uint32_t user_sockets_max;
};

/* The times and numbers of cti-api part 3. The texts, the keys and takeover_ms are not in it. */
extern const struct cti_settings cti_usual;

/* What the program does for it. */
struct cti_ports {
	/* As in pipeline_owner; p tells which connection. */
	void (*watch)(void *arg, struct pipeline *p, int fd, bool output);
	/* session_api_ask(). */
	void (*ask)(void *arg, struct str authorization, struct str host, session_answer_fn *fn,
		void *fn_arg);
	/* A queue to be run by the loop until cti_free(). */
	void (*add_queue)(void *arg, struct deadline_queue *q);
	/* The loop's time, for deadlines; and microseconds since the epoch, for facts. */
	int64_t (*now_ms)(void *arg);
	int64_t (*wall_us)(void *arg);
	/* An operator wants the relay empty: so many clients a second, 0 is the default. */
	void (*drain)(void *arg, int64_t rate);
	void *arg;
};

struct cti_counters {
	uint64_t logins, refusals, revocations, expirations, takeovers, kicks;
	uint64_t messages, bad_messages, stale_messages, deliveries, withheld, replays, gaps,
		resyncs;
	uint64_t client_events, client_events_dropped, client_events_refused, bad_requests;
	uint64_t user_messages;
	uint64_t sessions, sessions_live, sessions_leaving, channels, logins_pending;
	uint64_t redis_up, redis_losses;
};

/* The application for a server, to be given with the struct cti as its arg. */
extern const struct sio_app cti_app;

/* Everything given is kept. Connects to Redis. */
struct cti *cti_new(const struct cti_settings *settings, const struct cti_ports *ports,
	const struct redis_address *redis);
/* Whether it hears Redis and can ask it: before that it can serve nobody. */
bool cti_is_connected(const struct cti *cti);
/* After the last client has gone. Sets *c to NULL. */
void cti_free(struct cti **cti);
void cti_count(const struct cti *cti, struct cti_counters *ret);
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
