/*
 * How often something may happen: so many a second, and a burst of so many after a rest.
 *
 * Eight bytes for each that is limited (the generic cell rate algorithm of ITU-T I.371: only the
 * moment is kept at which the next one would be on time).  A zeroed struct has rested.  Pure state:
 * the time is passed in.
 */
#ifndef DIALTONE_BASE_PACE_H
#define DIALTONE_BASE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	int64_t due_us;
};

struct pace_limit {
	int64_t interval_us; /* between two that come steadily; 0: no limit */
	int64_t burst;       /* after a rest; at least 1 */
};

/* Counts one that happens now. False, and not counted: that is too often. */
bool pace_take(struct pace *r, const struct pace_limit *limit, int64_t now_ms);
/* The same, returning the microseconds until the next one would be let through; 0: this one was. */
int64_t pace_take_or_wait(struct pace *r, const struct pace_limit *limit, int64_t now_ms);
/* Counts one that happens now, too often or not. Returns the milliseconds it came too early, 0 when
 * it is within the limit: for what cannot be refused, only slowed down. */
int64_t pace_charge(struct pace *r, const struct pace_limit *limit, int64_t now_ms);
/* Whether the whole burst is available. */
bool pace_has_rested(const struct pace *r, int64_t now_ms);

#endif
