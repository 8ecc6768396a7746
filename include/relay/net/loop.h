/*
 * The event loop: readiness of descriptors (epoll, level-triggered) and deadlines to the millisecond.
 *
 * One thread.  A turn waits, calls the watches that are ready, then fires the deadlines that are due.
 * A watch lives inside the object it belongs to, so an idle descriptor costs 16 bytes here.
 */
#ifndef DIALTONE_RELAY_NET_LOOP_H
#define DIALTONE_RELAY_NET_LOOP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "base/deadline.h"

#define LOOP_SCRATCH (64 * 1024)

struct loop;
struct watch;
struct frame_tally;

/* events: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR as they happened. May unwatch and free anything. */
typedef void watch_fn(struct watch *w, uint32_t events);

struct watch {
	watch_fn *fn;
	int fd;          /* -1: not watched */
	uint32_t events; /* what is asked for */
};

/* Milliseconds that never go back: clock_ms(), or a test's own. */
typedef int64_t loop_clock_fn(void);

struct loop *loop_new(loop_clock_fn *clock);
/* Watches and queues must be gone or no longer be used. Sets *l to NULL. */
void loop_free(struct loop **l);

/* Milliseconds of its clock, read once a turn. */
int64_t loop_now(const struct loop *l);
/* Counts the turns. */
uint64_t loop_turns(const struct loop *l);
/* Of the queues of this loop's clients, which keep it. */
struct frame_tally *loop_frames(struct loop *l);
/* LOOP_SCRATCH bytes to read into, shared by all watches: valid until the callback returns. */
uint8_t *loop_scratch(struct loop *l);

void watch_init(struct watch *w, watch_fn *fn);
/* Begins watching fd, or changes the events of one that is watched. fd stays the caller's. */
void loop_watch(struct loop *l, struct watch *w, int fd, uint32_t events);
/* No callback comes afterwards, not even for events of this turn. Before closing the descriptor. */
void loop_unwatch(struct loop *l, struct watch *w);

/* The queue is kept: its deadlines fire from this loop until it is removed. */
void loop_add_queue(struct loop *l, struct deadline_queue *q);
void loop_remove_queue(struct loop *l, struct deadline_queue *q);

/* Turns until loop_stop(). */
void loop_run(struct loop *l);
/* One turn that waits at most max_wait_ms. */
void loop_turn(struct loop *l, int max_wait_ms);
void loop_stop(struct loop *l);

#endif
