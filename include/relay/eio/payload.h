/*
 * Bodies of long-polling requests and answers: several packets joined (realtime sections 3 and 10).
 *
 *   EIO4         packet 0x1e packet ...           packet: digit and text, or "b" and base64
 *   EIO3 text    length ":" packet ...            length in UTF-16 units; "b4" and base64; with no
 *                                                 packet at all "0:"
 *   EIO3 binary  kind length 0xff packet ...      kind 0 text, 1 binary; length: one byte a digit;
 *                                                 a binary packet begins with the byte 4
 */
#ifndef DIALTONE_RELAY_EIO_PAYLOAD_H
#define DIALTONE_RELAY_EIO_PAYLOAD_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

enum eio_form { EIO_FORM_4, EIO_FORM_3_TEXT, EIO_FORM_3_BINARY };

struct eio_payload {
	char *p; /* what is left */
	size_t n;
	enum eio_form form;
	bool begun;
};

struct eio_part {
	bool binary;     /* a message's bytes; else a packet as text, its digit included */
	struct str data; /* borrowed from the body */
};

/* The body is overwritten by decoding. */
void eio_payload_init(struct eio_payload *p, enum eio_form form, char *body, size_t n);
/* ERR_OK: the next packet. ERR_GONE: there is none after the last. ERR_PROTOCOL: no payload; also for
 * an empty body and for text that is not UTF-8. */
MUST_CHECK enum err eio_payload_next(struct eio_payload *p, struct eio_part *ret);

/* Bytes a client has written as text, in a payload or on a WebSocket: "b" and base64, in version 3 with
 * the type behind the "b". Decoded where they stand. ERR_PROTOCOL: they are none. */
MUST_CHECK enum err eio_base64_read(enum eio_form form, char *text, size_t n, struct eio_part *ret);

/* Appends one packet; for EIO_FORM_4 with the separator unless out is empty. */
void eio_payload_put(struct buf *out, enum eio_form form, const struct eio_part *part);
/* Upper bound of the bytes eio_payload_put() appends for n bytes of data. */
size_t eio_payload_room(size_t n);

#endif
