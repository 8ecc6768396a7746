#define _GNU_SOURCE
#include "jobs/jobs.h"

#include <poll.h>
#include <time.h>

#include "base/clock.h"
#include "figures_priv.h"
#include "outgoing/transfers.h"
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
	refresh_register(pg);
	queue_register(pg);
	figures_register(pg);
}

/* Returns the milliseconds until the next one. */
static int outbox_step(struct jobs *j)
{
	size_t taken;
	enum err e;

	j->outbox.has_b2bua = *j->settings->delivery.b2bua_redis != '\0';
	j->outbox.has_pbx = j->rules->call_backend != CALL_BACKEND_NONE;
	e = outbox_drain(&j->outbox, j->settings->outbox_batch, &taken);

	if (e != ERR_OK) {
		j->failures++;
		return failure_wait(j);
	}
	j->failures = 0;
	j->cleanup.statistics_days = j->settings->statistics_days;
	j->cleanup.calls_days = j->settings->calls_days;
	j->cleanup.audit_days = j->settings->audit_days;
	j->cleanup.dead_days = j->settings->delivery.dead_days;
	cleanup_run_due(&j->cleanup, &j->outbox.service, j->settings->cleanup_interval_s);
	/* Its events wait behind those that were there before, and those that come hardly behind them. */
	if ((int64_t)taken < j->settings->outbox_batch &&
		(refresh_step(&j->refresh, &j->outbox.service) ||
			removal_step(&j->removal, &j->outbox.service)))
		return 0;
	/* Where something was there may be more: a row may have become several. */
	return taken ? 0 : (int)j->settings->outbox_poll_ms;
}

int jobs_step(struct jobs *j)
{
	bool woken = j->woken;
	int64_t now = clock_ms(), left;

	j->woken = false;
	if (woken || now >= j->outbox_ms)
		j->outbox_ms = now + outbox_step(j);
	left = j->outbox_ms - clock_ms();
	return queue_step(&j->queue, woken, left > 0 ? (int)left : 0);
}

bool jobs_sleep(struct jobs *j, int ms, int listener, const sigset_t *blocked)
{
	struct pollfd p[] = { { .fd = outbox_signal_fd(j->wake), .events = POLLIN },
		{ .fd = transfers_fd(j->queue.transfers), .events = POLLIN },
		{ .fd = listener, .events = POLLIN } };
	struct timespec limit = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	if (ppoll(p, sizeof(p) / sizeof(p[0]), &limit, blocked) <= 0)
		return false;
	if (p[0].revents) {
		outbox_signal_clear(j->wake);
		j->woken = true;
	}
	return p[2].revents != 0;
}
