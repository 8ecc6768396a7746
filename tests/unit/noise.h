/* Random numbers that a seed repeats, for tests that go through random histories. */
#ifndef DIALTONE_TESTS_UNIT_NOISE_H
#define DIALTONE_TESTS_UNIT_NOISE_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t noise_state;

/* Neighbouring seeds have nothing in common. */
static inline void noise_begin(uint64_t seed)
{
	noise_state = seed * 0x9e3779b97f4a7c15u + 1;
}

static inline uint64_t random_below(uint64_t n)
{
	noise_state ^= noise_state << 13;
	noise_state ^= noise_state >> 7;
	noise_state ^= noise_state << 17;
	return (noise_state >> 11) % n;
}

static inline bool random_one_in(uint64_t n)
{
	return random_below(n) == 0;
}

#endif
