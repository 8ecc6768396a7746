/* What a pipeline of Redis wants its owner to watch, for a loop that polls. */
#ifndef DIALTONE_PBX_REDIS_WATCH_H
#define DIALTONE_PBX_REDIS_WATCH_H

#include <poll.h>

#include "redis/pipeline.h"

/* Zero but for fd -1 at the start. */
struct redis_watch {
	int fd; /* -1: nothing */
	bool output;
};

/* Fills in the poll, and lowers *wait_ms to the pipeline's next deadline. */
void redis_watch_poll(
	const struct redis_watch *w, struct pipeline *p, struct pollfd *poll, int *wait_ms);
/* Runs its deadlines and what is ready. */
void redis_watch_run(struct redis_watch *w, struct pipeline *p, const struct pollfd *poll);

/* The smaller one, of a time by clock_ms() and what is waited already. */
void wait_until(int *wait_ms, int64_t at_ms);

#endif
