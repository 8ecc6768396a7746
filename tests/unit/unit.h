/* What every unit test includes: cmocka and the headers it asks for, in the order it asks for. */
#ifndef DIALTONE_TESTS_UNIT_UNIT_H
#define DIALTONE_TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

#define assert_str_equal(slice, text)                      \
	do {                                               \
		struct str got_ = (slice);                 \
		assert_int_equal(got_.n, strlen(text));    \
		assert_memory_equal(got_.p, text, got_.n); \
	} while (0)

#endif
