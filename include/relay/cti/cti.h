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
 * Refused: the event 401, then 41, then the end.  Redis or API away: the login waits until the
 * link's deadline.  A client that is logged in is kept through an outage of either.
 */
#ifndef DIALTONE_RELAY_CTI_CTI_H
#define DIALTONE_RELAY_CTI_CTI_H

#include <stddef.h>

#include "bus/pipeline.h"
#include "crypto/keyring.h"
#include "relay/sio/sio.h"
#include "relay/upstream/session_answer.h"

struct cti;

struct cti_settings {
	const char *prefix; /* the setting redis_prefix */
	const struct keyring *keys;
	uint32_t linger_ms; /* a channel without members stays subscribed this long */
	uint32_t check_ms;  /* a live session is looked at this often */
	uint32_t retry_ms;  /* until the API is asked again */
};

/* What the program does for it. */
struct cti_ports {
	/* As in pipeline_owner; p tells which connection. */
	void (*watch)(void *arg, struct pipeline *p, int fd, bool output);
	/* session_api_ask(). */
	void (*ask)(
		void *arg, struct str token, struct str host, session_answer_fn *fn, void *fn_arg);
	/* A queue to be run by the loop until cti_free(). */
	void (*add_queue)(void *arg, struct deadline_queue *q);
	/* The loop's time. */
	int64_t (*now_ms)(void *arg);
	void *arg;
};

struct cti_counters {
	uint64_t logins, refusals, messages, bad_messages, deliveries;
	size_t sessions, channels;
};

/* The application for a link host, to be given with the struct cti as its arg. */
extern const struct sio_app cti_app;

/* Everything given is kept. Connects to Redis. */
struct cti *cti_new(const struct cti_settings *settings, const struct cti_ports *ports,
	const struct redis_address *redis);
/* After the last client has gone. Sets *c to NULL. */
void cti_free(struct cti **c);
void cti_count(const struct cti *c, struct cti_counters *ret);

#endif
