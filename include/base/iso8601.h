/*
 * Instants as ISO 8601 writes them (accounts-api 5, R-ISO).
 *
 *   date      YYYY-MM-DD  YYYYMMDD  YYYY-DDD  YYYYDDD  YYYY-Www-D  YYYYWwwD
 *   time      hh:mm  hh:mm:ss  hhmm  hhmmss, the seconds with a fraction behind '.' or ','; behind 'T' or
 *             one space; none is midnight
 *   zone      Z  +hh  +hhmm  +hh:mm, with '+' or '-'; none is UTC
 *
 * Years are 0001 to 9999, in UTC too.  What no calendar or clock has is refused (30 February, week 53 of
 * most years, 24:00, a leap second), and so is whatever stands before or behind.  Fractions finer than a
 * microsecond are cut.
 */
#ifndef DIALTONE_BASE_ISO8601_H
#define DIALTONE_BASE_ISO8601_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Microseconds since the epoch. */
bool iso8601_parse(struct str s, int64_t *ret_us);

#endif
