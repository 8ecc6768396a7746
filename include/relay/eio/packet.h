/*
 * Engine.IO packets as they stand in a text message: one digit and the data (realtime sections 2 to 4).
 *
 * A WebSocket message is one packet; several in one HTTP body are payload.h.  What a packet means in
 * its session is session.h.
 */
#ifndef DIALTONE_RELAY_EIO_PACKET_H
#define DIALTONE_RELAY_EIO_PACKET_H

#include <stdbool.h>

#include "base/str.h"

enum eio_type { EIO_OPEN, EIO_CLOSE, EIO_PING, EIO_PONG, EIO_MESSAGE, EIO_UPGRADE, EIO_NOOP };

struct eio_packet {
	enum eio_type type;
	struct str data; /* borrowed from the text */
};

/* False when it is empty or the type is none. */
bool eio_packet_parse(struct str text, struct eio_packet *ret);

#endif
