/*
 * Socket.IO packets (protocol 5) as text behind the engine's message type (realtime section 11).
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

#define SIO_NAMESPACE_MAX   128
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
	struct str nsp;  /* "/" when it is not written */
	uint64_t id;     /* SIO_NO_ID when absent */
	struct str json; /* empty when absent; else valid */
	struct str name; /* events: first element, with its quotes when it is a string */
	struct str args; /* events: the rest, from behind the first comma to before the "]" */
};

/* False when a client may not send this. A line end behind the packet is let pass: people type. */
bool sio_packet_parse(struct str text, struct sio_packet *ret);

/* Whether an event of that name (with its quotes) would break clients that receive it. */
bool sio_name_is_reserved(struct str name);

/* Appends type, namespace ("/" is not written) and id (SIO_NO_ID: none), the engine's "4" in front.
 * The JSON follows as the caller likes. */
void sio_head_put(struct buf *out, enum sio_type type, const char *nsp, uint64_t id);

#endif
