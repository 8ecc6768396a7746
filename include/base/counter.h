/*
 * Numbers that one process writes and others may read at any time, in memory they share: each is whole when it is
 * read, and nothing waits.  Only one may write to a number.
 */
#ifndef DIALTONE_BASE_COUNTER_H
#define DIALTONE_BASE_COUNTER_H

#include <stdint.h>

static inline uint64_t counter_read(const uint64_t *c)
{
	return __atomic_load_n(c, __ATOMIC_RELAXED);
}

static inline void counter_set(uint64_t *c, uint64_t value)
{
	__atomic_store_n(c, value, __ATOMIC_RELAXED);
}

static inline void counter_add(uint64_t *c, uint64_t n)
{
	counter_set(c, *c + n);
}

#endif
