/* What the server of the clients is told: limits and times, and what is served on which path. */
#ifndef DIALTONE_RELAY_SERVER_SETTINGS_H
#define DIALTONE_RELAY_SERVER_SETTINGS_H

#include "base/pace.h"
#include "conf/settings.h"
#include "relay/eio/handshake.h"
#include "relay/sio/sio.h"

/* What is served on a path. */
struct server_path {
	const char *path;          /* without a final slash; NULL ends the list */
	const struct sio_app *app; /* NULL: the server's */
	const char *headers; /* lines for every answer on it, each with its CRLF; NULL: none */
	const char *gone;    /* JSON body of a 410 for plain HTTP; NULL: it is served */
	const char *version; /* what a request without EIO speaks: "3"; NULL: it is refused */
};

struct server_settings {
	struct eio_settings eio;
	unsigned transports; /* set of enum eio_transport */
	unsigned versions;   /* bits 1 << enum eio_version */
	const struct server_path *paths;
	const char *id;                   /* two characters, the beginning of every sid */
	const char *allowed_origins;      /* list for origin_find() */
	const char *cors_headers;         /* list of the header lines that pages may send */
	size_t max_connections;           /* and sessions */
	size_t max_strangers_per_address; /* sessions of one network not logged in; 0: no limit */
	size_t max_live_per_address;      /* those that are; 0: no limit */
	struct pace_limit address_handshakes; /* of one network; an interval of 0: no limit */
	size_t max_queued;            /* bytes that wait for all clients together; 0: no limit */
	uint32_t max_before_login;    /* bytes of a message until the client is accepted */
	struct pace_limit handshakes; /* of the process; an interval of 0: no limit */
	struct pace_limit messages;   /* of a session */
	uint32_t flood_ms;            /* a session may exceed its rate this long */
	uint32_t head_ms;             /* the request's head must be here */
	uint32_t body_ms;             /* and its body */
	uint32_t idle_ms;             /* a kept connection waits for its next request */
	uint32_t upgrade_ms;          /* from the WebSocket to the end of polling */
	uint32_t login_ms;  /* the application must have accepted the client; 0: it need not */
	uint32_t stall_ms;  /* output may wait this long */
	uint32_t linger_ms; /* for the peer's part of an end */
};

/* From the configuration, whose texts are kept. Raises the limit of descriptors as far as the system lets
 * it; where that is not enough for the connections that are wanted, it says so and allows fewer. */
struct server_settings server_settings_of(
	const struct relay_settings *s, const struct common_settings *common);

#endif
