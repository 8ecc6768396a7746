#define _GNU_SOURCE
#include "jobs/jobs.h"

#include <poll.h>
#include <time.h>

#include "pg/pg.h"

#define BACKOFF_MAX_MS   1000
#define BACKOFF_DOUBLING 5

static int failure_wait(const struct jobs *j)
{
	int64_t ms = j->settings->outbox_poll_ms
		     << (j->failures < BACKOFF_DOUBLING ? j->failures : BACKOFF_DOUBLING);

	return ms < BACKOFF_MAX_MS ? (int)ms : BACKOFF_MAX_MS;
}

extern const struct stmt jobs_stmts[];

void jobs_register(struct pg *pg)
{
	pg_register(pg, jobs_stmts);
	removal_register(pg);
}

int jobs_step(struct jobs *j)
{
	size_t taken;
	enum err e = outbox_drain(&j->outbox, j->settings->outbox_batch, &taken);

	if (e != ERR_OK) {
		j->failures++;
		return failure_wait(j);
	}
	j->failures = 0;
	j->cleanup.statistics_days = j->settings->statistics_days;
	cleanup_run_due(&j->cleanup, &j->outbox.service, j->settings->cleanup_interval_s);
	/* Its events wait behind those that were there before, and those that come hardly behind them. */
	if ((int64_t)taken < j->settings->outbox_batch &&
		removal_step(&j->removal, &j->outbox.service))
		return 0;
	/* Where something was there may be more: a row may have become several. */
	return taken ? 0 : (int)j->settings->outbox_poll_ms;
}

void jobs_sleep(struct jobs *j, int ms, const sigset_t *blocked)
{
	struct pollfd p = { .fd = outbox_signal_fd(j->wake), .events = POLLIN };
	struct timespec limit = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	if (ppoll(&p, 1, &limit, blocked) > 0)
		outbox_signal_clear(j->wake);
}
