/*
 * From the outbox to Redis, after commit: at least once, in the order of the outbox.
 *
 * Of any number of processes one is at work at a time (an advisory lock of the transaction), so the
 * order holds.  An event is deleted in the same transaction in which it was found, after Redis took
 * it: a crash in between publishes it again, with the same id.
 */
#ifndef DIALTONE_JOBS_OUTBOX_H
#define DIALTONE_JOBS_OUTBOX_H

#include "redis/redis.h"
#include "service/service.h"

struct outbox {
	struct service service; /* its arena is reset by each call */
	struct redis *redis;
	const char *prefix; /* the setting redis_prefix */
	bool has_replicas;  /* Redis has some, one of which may take its place */
	bool has_b2bua;     /* there is one that hears of changed accounts at other providers */
	bool has_pbx;       /* dialtone-pbx tells what phones do */
	struct outbox_figures {
		uint64_t leader; /* 1: it was ours at the last look */
		uint64_t published, dropped, failures;
	} figures;
};

/* One batch. *ret_taken may be 0: nothing waits, or another process is at it.
 * ERR_UNAVAILABLE: PostgreSQL or Redis is away; nothing is lost. */
MUST_CHECK enum err outbox_drain(struct outbox *o, int64_t batch, size_t *ret_taken);

#endif
