/*
 * Where requests wait for a third party, the SIP server or a push gateway say (accounts-api 13.9).
 *
 * No more than a quarter of the workers are in there at once (one, where there are fewer than four), and
 * none is for longer than WAITING_MAX_MS.  Who finds it full is refused at once, so that requests that
 * wait for nothing find a worker whatever is away.  A worker that dies in there leaves its place.
 *
 *   static enum err ask(struct service *s, void *arg, int64_t until_ms);
 *
 *   return waiting_for(s, ask, &question);
 *
 * What the answer does not need is a job (service/job.h) and waits for nothing.
 */
#ifndef DIALTONE_SERVICE_WAITING_H
#define DIALTONE_SERVICE_WAITING_H

#include "service/service.h"

#define WAITING_MAX_MS 3000

/* 503, with Retry-After: 1.  Rows of endpoints that wait name it. */
extern const struct refusal waiting_full;

/* Made before workers fork, and never closed.  ERR_UNAVAILABLE: too many files are open. */
MUST_CHECK enum err waiting_room_make(int *ret_file);
/* As one of so many workers sees it. */
struct waiting_room waiting_room_of(int file, int64_t workers);

/* What ask answers, or waiting_full, which is counted and logged. ask has to be back by until_ms (clock_ms());
 * nothing else ends it.  It may ask the database, but not inside a transaction: locks would wait with it.
 * Without a room (s->waiting.file 0) it is asked at once, as a command does. */
MUST_CHECK enum err waiting_for(struct service *s,
	enum err (*ask)(struct service *s, void *arg, int64_t until_ms), void *arg);
/* The same for a third party that hears one of us at a time: other workers wait for their turn, as part of their time. */
MUST_CHECK enum err waiting_in_turn_for(struct service *s,
	enum err (*ask)(struct service *s, void *arg, int64_t until_ms), void *arg);

#endif
