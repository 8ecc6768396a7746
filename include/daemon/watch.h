/*
 * Whether a process hangs that counts its steps where others can read them: it has made none for longer than any step
 * takes.  The only place where that is decided.
 *
 * Pure state: steps and times are passed in.  Silence is what passes between looks at the same number.  A process that
 * looks late was stopped itself, by a debugger, or with the whole machine while it was suspended or paused; those that it
 * watches may have been so, too: silence begins anew with such a look.  No clock is compared with that of another
 * process, and one that jumps is a late look.
 */
#ifndef DIALTONE_DAEMON_WATCH_H
#define DIALTONE_DAEMON_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#define WATCH_EVERY_MS 1000 /* between two looks */
#define WATCH_LATE_MS  5000 /* the same, when it is late */

/* Zeroed: it was not looked at yet. */
struct watch {
	uint64_t steps;
	int64_t looked_ms, silent_ms;
};

/* A look at now_ms, at any time. */
bool watch_sees_hang(struct watch *w, uint64_t steps, int64_t now_ms, int64_t patience_ms);

#endif
