/*
 * Deadlines in milliseconds, kept in lists by kind.
 *
 * All deadlines of one kind usually last equally long ("answer within 20 s"), so a new one belongs
 * at the end of its list: setting and removing are O(1) and no heap is needed (realtime section 6).
 * A deadline that does not belong at the end is moved forward to its place, so kinds of uneven
 * length work too, as long as few of them wait at a time.
 *
 * Pure state: the time is passed in, nothing here sleeps or asks for the clock.
 */
#ifndef DIALTONE_BASE_DEADLINE_H
#define DIALTONE_BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

#define DEADLINE_NEVER INT64_MAX

struct deadline {
	struct list link; /* in one queue, or alone */
	int64_t at_ms;    /* meaningful while it is set */
};

/* Called once the time has come; the deadline is no longer set and may be set again. */
typedef void deadline_fn(struct deadline *d, int64_t now_ms);

struct deadline_queue {
	struct list items;
	deadline_fn *fn;
};

void deadline_queue_init(struct deadline_queue *q, deadline_fn *fn);
/* The earliest of the queue, or DEADLINE_NEVER. */
int64_t deadline_queue_next(const struct deadline_queue *q);
/* Fires what is due. One set during the run, to a time that has come, waits for the next run. */
void deadline_queue_run(struct deadline_queue *q, int64_t now_ms);

void deadline_init(struct deadline *d);
/* Sets or moves it, from whatever queue it was in. */
void deadline_set(struct deadline *d, struct deadline_queue *q, int64_t at_ms);
/* Harmless when it is not set. */
void deadline_clear(struct deadline *d);
bool deadline_is_set(const struct deadline *d);

#endif
