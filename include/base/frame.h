/*
 * A message encoded once and sent to many: immutable bytes with a count of references.
 *
 * In front of the body there is room for the head a transport puts before it (a WebSocket frame
 * head is at most 10 bytes without a mask), written when the first socket needs it; a transport
 * without a head uses the body alone.  So one allocation serves every framing (realtime section 18).
 *
 *   | unused | head | body                    |
 *   ^ FRAME_HEADROOM in all ^ frame_body()
 */
#ifndef DIALTONE_BASE_FRAME_H
#define DIALTONE_BASE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define FRAME_HEADROOM 10

struct frame {
	uint32_t refs;
	uint32_t n;     /* body bytes */
	uint8_t head_n; /* 0: no head written yet */
	bool binary;    /* bytes; else text */
	bool fleeting;  /* worth nothing later: dropped rather than queued behind much else */
	uint64_t state; /* not 0: a newer frame of the same number makes this one worthless */
	uint8_t bytes[];
};

/* One reference, yours. The body is to be filled before the frame is shared. */
struct frame *frame_new(size_t n);
/* The body is a, then b. */
struct frame *frame_from(struct str a, struct str b);
struct frame *frame_ref(struct frame *f);
/* Drops the reference and sets *f to NULL; the last one frees. NULL is fine. */
void frame_unref(struct frame **f);

uint8_t *frame_body(struct frame *f);
struct str frame_text(const struct frame *f);
/* Writes the head in front of the body; n <= FRAME_HEADROOM, once a frame. */
void frame_put_head(struct frame *f, const void *head, size_t n);
/* Head and body. */
struct str frame_wire(const struct frame *f);

#endif
