/*
 * Frames that wait for one client, in order, with a ceiling (realtime section 18, cti-api 3.8).
 *
 * A queue is a pointer that is NULL while nothing waits, so an idle client owns no queue memory.  It
 * holds references; the first frame may be partly gone already.
 *
 * A client that does not keep up is spared what is worth nothing any more: a frame that tells a newer
 * state takes the place of the older one, unless a byte of that has been sent, so that a state which
 * changes all the time is told too; and a fleeting frame is not queued behind much else.
 *
 * It is full when much waits and none of it has left for some seconds: how much comes at once says
 * nothing about who is to take it.  The ceiling is for memory alone.
 */
#ifndef DIALTONE_RELAY_NET_FRAME_QUEUE_H
#define DIALTONE_RELAY_NET_FRAME_QUEUE_H

#include <stdint.h>
#include <sys/uio.h>

#include "base/err.h"
#include "base/frame.h"

/* Another frame is refused when this much waits and nothing has left for so long. */
#define FRAME_QUEUE_BYTES    (1024 * 1024)
#define FRAME_QUEUE_FRAMES   16384
#define FRAME_QUEUE_STILL_MS 5000
/* The same at any time. */
#define FRAME_QUEUE_BYTES_MAX  (16 * 1024 * 1024)
#define FRAME_QUEUE_FRAMES_MAX (16 * FRAME_QUEUE_FRAMES)
/* An older state is looked for among so many of the newest. */
#define FRAME_QUEUE_LOOK 2048
/* Fleeting frames are dropped when this much waits. */
#define FRAME_QUEUE_MUCH (64 * 1024)

struct frame_queue;

/* What all queues that share it hold, and what they have spared their clients. */
struct frame_tally {
	size_t bytes;
	uint64_t outdated; /* frames whose place a newer state took */
	uint64_t fleeting; /* frames not queued behind much else */
};

/* Adds a reference; the first sent bytes are gone already. tally is kept. ERR_LIMIT: too much waits,
 * nothing was taken. The frame has the head it will be sent with. */
MUST_CHECK enum err frame_queue_add(struct frame_queue **q, struct frame_tally *tally,
	struct frame *f, size_t sent, int64_t now_ms);
void frame_queue_free(struct frame_queue **q);
/* Drops all but a frame that is partly gone. */
void frame_queue_trim(struct frame_queue **q);

size_t frame_queue_bytes(const struct frame_queue *q);
size_t frame_queue_count(const struct frame_queue *q);
/* The i-th that waits. */
struct frame *frame_queue_at(const struct frame_queue *q, size_t i);
/* What is to be written, at most n pieces. Returns how many. */
size_t frame_queue_gather(const struct frame_queue *q, struct iovec *iov, size_t n);
/* Drops n bytes from the beginning, and the queue when it is empty. */
void frame_queue_consume(struct frame_queue **q, size_t n, int64_t now_ms);

#endif
