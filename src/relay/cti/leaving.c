#include "cti_priv.h"

#define RESYNC_RATE_MIN 50 /* a second */

void leaving_end_some(struct cti *cti, int64_t passed_ms)
{
	int64_t n;

	if (list_is_empty(&cti->leaving)) {
		cti->leave_owed = cti->leave_rate = 0;
		return;
	}
	cti->leave_owed += cti->leave_rate * passed_ms;
	n = cti->leave_owed / 1000;
	cti->leave_owed %= 1000;
	for (; n > 0 && !list_is_empty(&cti->leaving); n--)
		client_close(
			LIST_ENTRY(cti->leaving.next, struct cti_client, leaving), cti->leave_how);
}

void leaving_add(struct cti_client *c, int64_t rate, enum sio_end how)
{
	struct cti *cti = c->cti;

	if (rate > cti->leave_rate)
		cti->leave_rate = rate;
	/* A relay that goes need not pretend to stay. */
	if (list_is_empty(&cti->leaving) || how == SIO_END_RESTART)
		cti->leave_how = how;
	if (!list_is_empty(&c->leaving))
		return;
	list_add_tail(&cti->leaving, &c->leaving);
	cti->counters.sessions_leaving++;
}

/* Lest they all come back at once. */
void leaving_resync(struct cti_client *c)
{
	struct cti *cti = c->cti;
	int64_t rate;

	if (!list_is_empty(&c->leaving))
		return;
	leaving_add(c, RESYNC_RATE_MIN, SIO_END_RETRY);
	cti->counters.resyncs++;
	rate = (int64_t)cti->counters.sessions_leaving * 1000 / (cti->settings->resync_ms + 1) + 1;
	if (rate > cti->leave_rate)
		cti->leave_rate = rate;
}
