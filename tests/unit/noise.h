/* Random numbers that a seed repeats, for tests that go through random histories. */
#ifndef DIALTONE_TESTS_UNIT_NOISE_H
#define DIALTONE_TESTS_UNIT_NOISE_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

static inline uint64_t noise_setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* Which histories to go through, by their seeds, those before end.  They are told, so that one can be repeated:
 * DIALTONE_SEED is the first one and DIALTONE_HISTORIES how many. */
struct histories {
	uint64_t first, end;
};

static inline struct histories histories_wanted(uint64_t usual)
{
	const uint64_t first = noise_setting("DIALTONE_SEED", 1);
	const struct histories h = { first, first + noise_setting("DIALTONE_HISTORIES", usual) };

	printf("histories %" PRIu64 " to %" PRIu64 "\n", h.first, h.end - 1);
	return h;
}

#endif
