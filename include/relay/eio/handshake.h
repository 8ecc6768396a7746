/*
 * The beginning of an Engine.IO session: is the request acceptable, what is the open packet, and how
 * is a refusal told (realtime sections 1, 2 and 8).
 */
#ifndef DIALTONE_RELAY_EIO_HANDSHAKE_H
#define DIALTONE_RELAY_EIO_HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* What all sessions of a process share. */
struct eio_settings {
	uint32_t ping_interval_ms, ping_timeout_ms;
	uint32_t max_payload; /* bytes of an inbound message */
	/* A client that has never answered a ping is kept this long (cti-api 2.1); 0: no longer than
	 * any other. */
	uint32_t silent_grace_ms;
};

enum eio_version { EIO_VERSION_3 = 3, EIO_VERSION_4 = 4 };
enum eio_transport { EIO_POLLING = 1, EIO_WEBSOCKET = 2 }; /* may be combined to a set */

/* The numbers are the protocol's. */
enum eio_refusal {
	EIO_TRANSPORT_UNKNOWN,
	EIO_SID_UNKNOWN,
	EIO_BAD_METHOD,
	EIO_BAD_REQUEST,
	EIO_FORBIDDEN,
	EIO_BAD_VERSION,
	EIO_ACCEPTED
};

/* What a request says; NULL where the parameter is absent. */
struct eio_request {
	const char *transport, *version, *sid;
	bool malformed; /* wants JSONP, or has an Origin that is none */
	bool is_get, asks_upgrade;
};

struct eio_opening {
	enum eio_transport transport;
	enum eio_version version;
};

/* Checks transport and version, which every request names: those this server speaks, versions as bits
 * (1 << version). *ret is set when it is accepted. */
enum eio_refusal eio_request_check(const struct eio_request *request, unsigned transports,
	unsigned versions, struct eio_opening *ret);
/* The same and the rest, for a request that opens a session (no sid). */
enum eio_refusal eio_opening_check(const struct eio_request *request, unsigned transports,
	unsigned versions, struct eio_opening *ret);

/* HTTP status of a refusal; the body is {"code":...,"message":"..."}. */
int eio_refusal_status(enum eio_refusal r);
void eio_refusal_put(struct buf *out, enum eio_refusal r);

/* Appends the open packet. sid needs no escaping. */
void eio_open_put(struct buf *out, const struct eio_settings *settings, const char *sid,
	enum eio_transport transport);

#endif
