#include "relay/net/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "relay/net/frame_queue.h"

#define LOOP_EVENTS 256
#define LOOP_QUEUES 64

struct loop {
	int epoll;
	loop_clock_fn *clock;
	bool stopped;
	int64_t now_ms;
	uint64_t turns;
	struct frame_tally frames;
	int ready, at; /* events of this turn, and the one being called */
	size_t queue_count;
	struct deadline_queue *queues[LOOP_QUEUES];
	struct epoll_event events[LOOP_EVENTS];
	uint8_t scratch[LOOP_SCRATCH];
};

struct loop *loop_new(loop_clock_fn *clock)
{
	struct loop *l = mem_alloc(sizeof(*l));

	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		log_fatal("epoll: %s", strerror(errno));
	l->clock = clock;
	l->now_ms = clock();
	return l;
}

void loop_free(struct loop **l)
{
	if (!*l)
		return;
	close((*l)->epoll);
	free(*l);
	*l = NULL;
}

int64_t loop_now(const struct loop *l)
{
	return l->now_ms;
}

uint64_t loop_turns(const struct loop *l)
{
	return l->turns;
}

struct frame_tally *loop_frames(struct loop *l)
{
	return &l->frames;
}

uint8_t *loop_scratch(struct loop *l)
{
	return l->scratch;
}

void watch_init(struct watch *w, watch_fn *fn)
{
	*w = (struct watch){ .fn = fn, .fd = -1 };
}

void loop_watch(struct loop *l, struct watch *w, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };
	int op = w->fd < 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	if (op == EPOLL_CTL_MOD && w->fd == fd && w->events == events)
		return;
	assert(w->fd < 0 || w->fd == fd);
	if (epoll_ctl(l->epoll, op, fd, &e))
		log_fatal("epoll_ctl: %s", strerror(errno));
	w->fd = fd;
	w->events = events;
}

void loop_unwatch(struct loop *l, struct watch *w)
{
	if (w->fd < 0)
		return;
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->fd = -1;
	w->events = 0;
	for (int i = l->at; i < l->ready; i++)
		if (l->events[i].data.ptr == w)
			l->events[i].data.ptr = NULL;
}

void loop_add_queue(struct loop *l, struct deadline_queue *q)
{
	assert(l->queue_count < LOOP_QUEUES);
	l->queues[l->queue_count++] = q;
}

void loop_remove_queue(struct loop *l, struct deadline_queue *q)
{
	for (size_t i = 0; i < l->queue_count; i++)
		if (l->queues[i] == q)
			l->queues[i] = l->queues[--l->queue_count];
}

static int wait_ms(const struct loop *l, int max_wait_ms)
{
	int64_t next = DEADLINE_NEVER, wait;

	for (size_t i = 0; i < l->queue_count; i++) {
		int64_t at = deadline_queue_next(l->queues[i]);

		if (at < next)
			next = at;
	}
	if (next == DEADLINE_NEVER)
		return max_wait_ms;
	wait = next - l->clock();
	if (wait < 0)
		return 0;
	if (max_wait_ms >= 0 && wait > max_wait_ms)
		return max_wait_ms;
	return wait > INT_MAX ? INT_MAX : (int)wait;
}

static void call_ready(struct loop *l)
{
	for (l->at = 0; l->at < l->ready; l->at++) {
		struct watch *w = l->events[l->at].data.ptr;

		if (w)
			w->fn(w, l->events[l->at].events);
	}
	l->ready = l->at = 0;
}

void loop_turn(struct loop *l, int max_wait_ms)
{
	l->ready = epoll_wait(l->epoll, l->events, LOOP_EVENTS, wait_ms(l, max_wait_ms));
	if (l->ready < 0) {
		if (errno != EINTR)
			log_fatal("epoll_wait: %s", strerror(errno));
		l->ready = 0;
	}
	l->turns++;
	l->now_ms = l->clock();
	call_ready(l);
	l->now_ms = l->clock();
	for (size_t i = 0; i < l->queue_count; i++)
		deadline_queue_run(l->queues[i], l->now_ms);
	log_flush();
}

void loop_run(struct loop *l)
{
	l->stopped = false;
	while (!l->stopped)
		loop_turn(l, -1);
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
}
