/*
 * Time: UTC, microseconds since the epoch for facts, a monotonic clock for deadlines.
 */
#ifndef DIALTONE_BASE_CLOCK_H
#define DIALTONE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define CLOCK_SECOND_US ((int64_t)1000000)
#define CLOCK_MINUTE_US (60 * CLOCK_SECOND_US)
#define CLOCK_HOUR_US   (60 * CLOCK_MINUTE_US)
#define CLOCK_DAY_US    (24 * CLOCK_HOUR_US)
#define CLOCK_ISO_SIZE  28 /* "2026-01-02T03:04:05.000000Z" and its NUL */
#define CLOCK_SQL_SIZE  20 /* "2026-01-02 03:04:05" and its NUL */

/* Microseconds since the epoch. */
int64_t clock_wall_us(void);
/* Milliseconds of a clock that never jumps; only differences mean something. */
int64_t clock_ms(void);
/* "2026-01-02T03:04:05.000000Z", accounts-api 1.4. Returns out. */
const char *clock_iso(char out[CLOCK_ISO_SIZE], int64_t us);
/* "2026-01-02T03:04:05Z", RFC 3339 in seconds, cti-api 1.0. */
const char *clock_rfc3339(char out[CLOCK_ISO_SIZE], int64_t us);
/* "2026-01-02 03:04:05", the V22 form of accounts-api 1.4. */
const char *clock_sql(char out[CLOCK_SQL_SIZE], int64_t us);
/* Reads exactly "YYYY-MM-DD HH:MM:SS", optionally followed by a fraction and a zone as PostgreSQL
 * prints them with TimeZone=UTC ("+00"). False when it is anything else or no real date. */
bool clock_sql_parse(struct str s, int64_t *ret_us);

#endif
