/* A test that needs nothing set up but an arena, fresh for each test or shared by all of a group. */
#ifndef DIALTONE_TESTS_UNIT_ARENA_H
#define DIALTONE_TESTS_UNIT_ARENA_H

#include "base/arena.h"
#include "unit.h"

static struct arena *arena;

static inline int setup(void **state)
{
	(void)state;
	arena = arena_new(4096);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

#endif
