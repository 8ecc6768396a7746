/*
 * Socket.IO packets (protocols 5 and 4) as text behind the engine's message type (realtime section 11).
 *
 *   packet = type [count "-"] [namespace ","] [id] [json]
 *
 * Reading is strict: what is left behind the id is exactly one JSON value fit for the type.  Slices
 * of the original are handed out, so that arguments can be returned byte for byte.
 */
#ifndef DIALTONE_RELAY_SIO_PACKET_H
#define DIALTONE_RELAY_SIO_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define SIO_NAMESPACE_MAX   128  /* without a query */
#define SIO_QUERY_MAX       2048 /* with the namespace before it */
#define SIO_ATTACHMENTS_MAX 10
#define SIO_NO_ID           UINT64_MAX

enum sio_type {
	SIO_CONNECT,
	SIO_DISCONNECT,
	SIO_EVENT,
	SIO_ACK,
	SIO_CONNECT_ERROR,
	SIO_BINARY_EVENT,
	SIO_BINARY_ACK
};

struct sio_packet {
	enum sio_type type;
	unsigned attachments;
	struct str nsp;  /* "/" when it is not written; of protocol 4 perhaps with a query */
	uint64_t id;     /* SIO_NO_ID when absent */
	struct str json; /* empty when absent; else valid */
	struct str name; /* events: first element, with its quotes when it is a string */
	struct str args; /* events: the rest, from behind the first comma to before the "]" */
	const struct str *binary; /* the attachments' bytes, once all have come */
};

/* False when a client may not send this. A line end behind the packet is let pass: people type. */
bool sio_packet_parse(struct str text, struct sio_packet *ret);

/* Whether an event of that name (with its quotes) would break clients that receive it. */
bool sio_name_is_reserved(struct str name);
/* Whether clients of protocol 4 would take an event of that name for one of their own. They may
 * send it. */
bool sio_name_misleads_old(struct str name);

/* Whether every {"_placeholder":true,"num":n} in the value names one of so many attachments. */
bool sio_placeholders_fit(struct str json, unsigned attachments);

/* Appends type, number of attachments (binary types), namespace ("/" is not written) and id
 * (SIO_NO_ID: none), the engine's "4" in front.
 * The JSON follows as the caller likes. */
void sio_head_put(
	struct buf *out, enum sio_type type, unsigned attachments, const char *nsp, uint64_t id);

#endif
