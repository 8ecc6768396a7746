#include "relay/core/leaving.h"

#include "relay/core/client.h"

#define RESYNC_RATE_MIN 50 /* a second */

void leaving_end_some(struct core *core, int64_t passed_ms)
{
	int64_t n;

	if (list_is_empty(&core->leaving)) {
		core->leave_owed = core->leave_rate = 0;
		return;
	}
	core->leave_owed += core->leave_rate * passed_ms;
	n = core->leave_owed / 1000;
	core->leave_owed %= 1000;
	for (; n > 0 && !list_is_empty(&core->leaving); n--)
		client_close(LIST_ENTRY(core->leaving.next, struct cti_client, leaving),
			core->leave_how,
			core->leave_how == SIO_END_RESTART ? CLOSE_DRAIN : CLOSE_RESYNC);
}

void leaving_add(struct cti_client *c, int64_t rate, enum sio_end how)
{
	struct core *core = c->core;

	if (rate > core->leave_rate)
		core->leave_rate = rate;
	/* A relay that goes need not pretend to stay. */
	if (list_is_empty(&core->leaving) || how == SIO_END_RESTART)
		core->leave_how = how;
	if (!list_is_empty(&c->leaving))
		return;
	list_add_tail(&core->leaving, &c->leaving);
	core->counters.sessions_leaving++;
}

/* Lest they all come back at once. */
void leaving_resync(struct cti_client *c)
{
	struct core *core = c->core;
	int64_t rate;

	if (!list_is_empty(&c->leaving))
		return;
	leaving_add(c, RESYNC_RATE_MIN, SIO_END_RETRY);
	core->counters.resyncs++;
	rate = (int64_t)core->counters.sessions_leaving * 1000 / (core->settings->resync_ms + 1) +
	       1;
	if (rate > core->leave_rate)
		core->leave_rate = rate;
}
