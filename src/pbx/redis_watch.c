#include "pbx/redis_watch.h"

#include "base/clock.h"

void wait_until(int *wait_ms, int64_t at_ms)
{
	int64_t left;

	if (at_ms == DEADLINE_NEVER)
		return;
	left = at_ms - clock_ms();
	if (left < 0)
		left = 0;
	if (*wait_ms < 0 || left < *wait_ms)
		*wait_ms = (int)left;
}

void redis_watch_poll(
	const struct redis_watch *w, struct pipeline *p, struct pollfd *poll, int *wait_ms)
{
	*poll = (struct pollfd){ .fd = w->fd,
		.events = (short)(POLLIN | (w->output ? POLLOUT : 0)) };
	wait_until(wait_ms, deadline_queue_next(pipeline_deadlines(p)));
}

/* A connection that was replaced since the poll is not meant by it. */
void redis_watch_run(struct redis_watch *w, struct pipeline *p, const struct pollfd *poll)
{
	bool ready = poll->revents && poll->fd == w->fd;

	if (ready)
		pipeline_on_ready(
			p, poll->revents & (POLLIN | POLLHUP | POLLERR), poll->revents & POLLOUT);
	deadline_queue_run(pipeline_deadlines(p), clock_ms());
}
