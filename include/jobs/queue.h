/*
 * Carries out jobs (service/job.h) by their back ends (delivery/backend.h): at least once each, by any number
 * of processes, one at a time.
 *
 * A job is claimed for some seconds (FOR UPDATE SKIP LOCKED, then a row that says so), and the claim is renewed
 * while the attempt goes on; a crash lets it lapse.  The row is not locked meanwhile: a transaction as long as
 * a peer takes would keep the database from cleaning up behind it, and one connection could not have several.
 * So a job whose worker was cut off from the database, or stopped for longer than its claim, may be tried by
 * two at once: its mark is the same both times.  What an attempt ends with is written only by who has the
 * claim still.
 *
 * Attempts of one process run beside each other, so many of each back end, and so many of a space: a server
 * that hangs holds up neither the other back ends nor the other spaces.
 */
#ifndef DIALTONE_JOBS_QUEUE_H
#define DIALTONE_JOBS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/sample.h"
#include "conf/settings.h"
#include "service/service.h"

#define QUEUE_BACKENDS_MAX 8
#define QUEUE_KINDS_MAX    64

struct backend;
struct delivery_shared;
struct outgoing_settings;
struct pg;
struct transfers;

struct kind_figures {
	char name[65];
	uint64_t done, retried, dead, paced;
};

/* Zero but for the first six at the start. */
struct queue {
	struct service service;                   /* its arena is reset by each step */
	const struct delivery_settings *settings; /* may change between two steps */
	const struct outgoing_settings *outgoing;
	const struct delivery_shared *shared; /* may change between two steps */
	const struct backend *const *backends;
	struct transfers *transfers;
	struct list runs; /* zero: none yet */
	size_t running[QUEUE_BACKENDS_MAX];
	bool full[QUEUE_BACKENDS_MAX];        /* there may be more than was claimed */
	int64_t look_ms, renew_ms, expire_ms; /* when to, by clock_ms() */
	int failures;                         /* of the database, in a row */
	bool stopping;
	struct sample paced, failed;
	struct kind_figures kinds[QUEUE_KINDS_MAX];
	size_t kinds_count;
};

void queue_register(struct pg *pg);

/* Begins, drives and ends attempts. woken: something may have been added. Returns the milliseconds until there is
 * something to do again, at most max_ms; transfers_fd() may be readable before. */
int queue_step(struct queue *q, bool woken, int max_ms);
/* Begins no more. False when nothing runs. */
bool queue_stop(struct queue *q);
/* What runs still is given back, to be tried at once by another process; frees all. */
void queue_finish(struct queue *q);

/* How many jobs wait and are dead, of each kind: QUEUE_KINDS_MAX at most. */
struct job_standing;
MUST_CHECK enum err queue_standing(struct queue *q, struct job_standing *ret, size_t *ret_count);
/* Attempts of this process. */
uint64_t queue_running(const struct queue *q);

#endif
