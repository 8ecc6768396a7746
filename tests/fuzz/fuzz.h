/*
 * What every fuzz target includes.
 *
 * A target reads any bytes; besides what the sanitizers find, it states with require() what must
 * hold for every input.  Inputs that once broke something are kept in corpus/<target>/.
 */
#ifndef DIALTONE_TESTS_FUZZ_FUZZ_H
#define DIALTONE_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"

#define require(fact) ((fact) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input, followed by nothing. */
static inline struct str fuzz_input(const uint8_t *data, size_t size)
{
	return (struct str){ (const char *)data, size };
}

#endif
