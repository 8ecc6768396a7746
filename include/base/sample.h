/*
 * Which of many like facts are logged: at most one a second, or in another time, with the number of
 * those left out, so that a flood of them floods no log.
 *
 * A zeroed struct has told nothing.  Pure state: the time is passed in.
 */
#ifndef DIALTONE_BASE_SAMPLE_H
#define DIALTONE_BASE_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

struct sample {
	int64_t silence_ms; /* after one that was told; 0: a second */
	int64_t next_ms;
	uint64_t left_out;
};

/* Whether this one is told; *ret_left_out, unless NULL: how many were not since the last that was. */
bool sample_take(struct sample *s, int64_t now_ms, uint64_t *ret_left_out);
/* The end of a flood: whether some were left out and a second has passed; they count as told. */
bool sample_flush(struct sample *s, int64_t now_ms, uint64_t *ret_left_out);

#endif
